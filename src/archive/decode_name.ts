/**
 * File names as text that stands for exactly their bytes. A byte that is not part of UTF-8 is the lone
 * surrogate U+DC00 + byte, so that different names stay different; the text is then not well-formed
 * (`isWellFormed()`), and no name that this runtime can give to the kernel.
 */
export { decodeWord as decodeName, encodeWord as encodeName } from "../libc/word.ts";
