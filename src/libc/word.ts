// Words of an argv or an environment as strings, whatever their bytes are.
//
// A byte that is part of no UTF-8 stands as half a surrogate pair, U+DC80 to U+DCFF for 80 to ff, as in Python's
// `surrogateescape` (PEP 383). No UTF-8 decodes to those: so each sequence of bytes has a word of its own, and a word
// of UTF-8 is its text. JSON has them as `\udcff`, which `JSON.parse` gives back.

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** One character of UTF-8, a byte a letter (RFC 3629, section 4), or else one byte. */
const CHARACTERS =
  // deno-lint-ignore no-control-regex
  /((?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+)|[^]/g;

/** Runs of bytes. With `u` a half of a pair that is whole is none. */
const BYTES = /([\udc80-\udcff]+)/u;

/** Halves of pairs that stand for no byte. */
const NO_BYTE = /[\ud800-\udc7f\udd00-\udfff]/u;

/** Whether a string is a word: text, with nothing in it that is neither a character nor a byte. */
export function isWord(text: string): boolean {
  return text.isWellFormed() || !NO_BYTE.test(text);
}

/** Whether a word has bytes that are no UTF-8. */
export function hasBytes(word: string): boolean {
  return !word.isWellFormed();
}

/** The bytes of a word. */
export function encodeWord(word: string): Uint8Array<ArrayBuffer> {
  if (word.isWellFormed()) return encoder.encode(word);
  const parts = word.split(BYTES).map((part, index) =>
    index % 2 === 0 ? encoder.encode(part) : Uint8Array.from(part, (half) => half.charCodeAt(0))
  );
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes;
}

/** The word of bytes. */
export function decodeWord(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    return letters.replaceAll(
      CHARACTERS,
      (letter, text?: string) =>
        text === undefined
          ? String.fromCharCode(0xdc00 + letter.charCodeAt(0))
          : strict.decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0))),
    );
  }
}

/** A word in quotes as JSON has it, a byte that is no UTF-8 as `\xff`: for people. */
export function showWord(word: string): string {
  return JSON.stringify(word).replaceAll(/(?<!\\)\\udc([89a-f][0-9a-f])/g, "\\x$1");
}
