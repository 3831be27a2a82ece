/** File names as text that stands for exactly their bytes. */

// ignoreBOM keeps a leading U+FEFF, which is a legal part of a file name.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LONGEST_CHARACTER = 4;
const FIRST_ESCAPE = 0xdc00;

/**
 * The text of a name's bytes. A byte that is not part of UTF-8 becomes the lone surrogate
 * U+DC00 + byte, as Python's `surrogateescape` has it, so that different names stay different; the
 * text is then not well-formed, and no name for the kernel.
 */
export function decodeName(bytes: Uint8Array): string {
  if (isAscii(bytes)) return String.fromCharCode(...bytes);
  return decodeUtf8(bytes) ?? decodeEscaped(bytes);
}

function decodeEscaped(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    let length = 1;
    let character: string | undefined;
    for (; length <= LONGEST_CHARACTER; length++) {
      character = decodeUtf8(bytes.subarray(at, at + length));
      if (character !== undefined) break;
    }
    text += character ?? String.fromCharCode(FIRST_ESCAPE + bytes[at]!);
    at += character === undefined ? 1 : length;
  }
  return text;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte > 0x7f) return false;
  return true;
}
