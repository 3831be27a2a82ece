/**
 * Converts file names between bytes and text without loss. A byte that is not part of valid UTF-8
 * becomes the lone surrogate U+DC00 + byte, so that different names stay different. The text is
 * then not well-formed (`isWellFormed()`), and Deno cannot pass such a name to the kernel.
 */
export { decodeWord as decodeName, encodeWord as encodeName } from "../libc/word.ts";
