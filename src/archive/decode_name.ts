/** File names as text that stands for exactly their bytes. */

// ignoreBOM keeps a leading U+FEFF, which is a legal part of a file name.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a byte that is not part of UTF-8 is added to: 0x80 becomes U+DC80. */
const ESCAPE = 0xdc00;

/**
 * The text of a name's bytes. A byte that is not part of UTF-8 becomes the lone surrogate
 * U+DC00 + byte, as Python's `surrogateescape` has it, so that different names stay different; the
 * text is then not well-formed (`isWellFormed()`), and no name that this runtime can give to the kernel.
 */
export function decodeName(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return decodeEscaped(bytes);
  }
}

/** The bytes of a name, as `decodeName` was given them; a lone surrogate of another kind is U+FFFD. */
export function encodeName(name: string): Uint8Array<ArrayBuffer> {
  if (name.isWellFormed()) return encoder.encode(name);
  // Pairs are split by no match: with the flag u only lone ones are found.
  const parts = name.split(/([\udc80-\udcff])/u).map((part, index) =>
    index % 2 === 0 ? encoder.encode(part) : Uint8Array.of(part.charCodeAt(0) - ESCAPE)
  );
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const encoder = new TextEncoder();

function decodeEscaped(bytes: Uint8Array): string {
  const parts: string[] = [];
  let start = 0; // of what is UTF-8
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      parts.push(
        decoder.decode(bytes.subarray(start, at)),
        String.fromCharCode(ESCAPE + bytes[at]!),
      );
      start = at + 1;
    }
    at += Math.max(1, length);
  }
  return parts.join("") + decoder.decode(bytes.subarray(start));
}

/** How long the character that starts here is; 0 if none does (The Unicode Standard, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first < 0xe0
    ? 2
    : first >= 0xe0 && first < 0xf0
    ? 3
    : first >= 0xf0 && first < 0xf5
    ? 4
    : 0;
  // What is too long for its character, a surrogate, or beyond U+10FFFF.
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let next = 1; next < length; next++) {
    const byte = bytes[at + next] ?? 0;
    if (byte < (next === 1 ? lowest : 0x80) || byte > (next === 1 ? highest : 0xbf)) return 0;
  }
  return length;
}
