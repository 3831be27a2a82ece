// Represents arbitrary bytes of an argv, an environment or a path as strings, called words.
//
// A byte that is not part of valid UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF for 80 to ff,
// as in Python's `surrogateescape` (PEP 383). UTF-8 never decodes to those, so every sequence of
// bytes has its own word, and the word of valid UTF-8 is its text. In JSON they are written
// `\udcff`, which `JSON.parse` returns unchanged.

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

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
    return decodeOdd(bytes);
  }
}

/** How many code units are converted at once: a call can have no million arguments. */
const CALL_UNITS = 4096;

/** Decodes bytes of which some are not UTF-8. */
function decodeOdd(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length); // no character has more units than bytes
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    if (length <= 1) {
      units[count++] = length === 0 ? 0xdc00 + bytes[at]! : bytes[at]!;
      at++;
      continue;
    }
    let point = bytes[at]! & (0xff >> (length + 1));
    for (const end = at++ + length; at < end; at++) point = point << 6 | bytes[at]! & 0x3f;
    if (point > 0xffff) {
      point -= 0x10000;
      units[count++] = 0xd800 + (point >> 10);
      point = 0xdc00 + (point & 0x3ff);
    }
    units[count++] = point;
  }
  let word = "";
  for (let at = 0; at < count; at += CALL_UNITS) {
    word += String.fromCharCode(...units.subarray(at, Math.min(count, at + CALL_UNITS)));
  }
  return word;
}

/** The number of bytes of the UTF-8 character at a place (RFC 3629, section 4); 0 if there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1]!;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let next = at + 2; next < at + length; next++) if (bytes[next]! >> 6 !== 2) return 0;
  return length;
}

/** Returns a word for messages: quoted as in JSON, with bytes that are not UTF-8 as `\xff`. */
export function showWord(word: string): string {
  return JSON.stringify(word).replaceAll(/(?<!\\)\\udc([89a-f][0-9a-f])/g, "\\x$1");
}
