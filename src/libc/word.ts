// Represents arbitrary bytes of an argv, an environment or a path as strings, called words.
//
// A byte that is not part of valid UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF for 80 to ff,
// as in Python's `surrogateescape` (PEP 383). UTF-8 never decodes to those, so every sequence of
// bytes has its own word, and the word of valid UTF-8 is its text. In JSON they are written
// `\udcff`, which `JSON.parse` returns unchanged.

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A run of UTF-8 characters, where each letter is a byte (RFC 3629, section 4), or else one byte.
 */
const CHARACTERS =
  // deno-lint-ignore no-control-regex
  /((?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+)|[^]/g;

/** Runs of surrogates that stand for bytes. With `u` the halves of a complete pair do not match. */
const BYTES = /([\udc80-\udcff]+)/u;

/** Lone surrogates that stand for no byte. */
const NO_BYTE = /[\ud800-\udc7f\udd00-\udfff]/u;

/** Whether a string is a word: every code unit belongs to a character or stands for a byte. */
export function isWord(text: string): boolean {
  return text.isWellFormed() || !NO_BYTE.test(text);
}

/** Whether a word contains bytes that are not UTF-8. */
export function hasBytes(word: string): boolean {
  return !word.isWellFormed();
}

/** Returns the bytes of a word. */
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

/** Returns the word for a sequence of bytes. */
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

/** Returns a word for messages: quoted as in JSON, with bytes that are not UTF-8 as `\xff`. */
export function showWord(word: string): string {
  return JSON.stringify(word).replaceAll(/(?<!\\)\\udc([89a-f][0-9a-f])/g, "\\x$1");
}
