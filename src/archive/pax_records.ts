/**
 * The records of a pax extended header: `LENGTH KEY=VALUE\n`, where LENGTH counts itself. Values are
 * text, but for those of extended attributes, which are bytes: here as a character for each.
 */
import { ArchiveError } from "./archive_error.ts";
import { decodeName, encodeName } from "./decode_name.ts";

const SPACE = 0x20;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;

/** What the names of extended attributes have in front (star(1), "SCHILY.xattr"). */
export const XATTR_PREFIX = "SCHILY.xattr.";

/** The bytes of the given records, unpadded. */
export function encodePax(records: readonly (readonly [string, string])[]): Uint8Array {
  // As a character for each byte, so that all values can be joined.
  return encodeLatin(
    records.map(([key, value]) => {
      const rest = ` ${toLatin(key)}=${isBinary(key) ? value : toLatin(value)}\n`;
      let length = rest.length + String(rest.length).length;
      // The digits of the length can themselves push the length over a power of ten.
      length = rest.length + String(length).length;
      return `${length}${rest}`;
    }).join(""),
  );
}

/**
 * The records in `bytes`, in order and with repeated keys kept: sparse format 0.0 repeats them.
 *
 * @throws {ArchiveError} if a record is malformed
 */
export function decodePax(bytes: Uint8Array): [string, string][] {
  const records: [string, string][] = [];
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(SPACE, start);
    const digits = decodeLatin(bytes.subarray(start, Math.max(start, Math.min(space, start + 20))));
    const end = start + Number(digits);
    const equals = bytes.indexOf(EQUALS, space);
    const isRecord = /^[0-9]+$/.test(digits) && end <= bytes.length && space < equals &&
      equals < end - 1 && bytes[end - 1] === NEWLINE;
    if (!isRecord) {
      throw new ArchiveError(
        `Cannot read the tar archive as a pax record must be "LENGTH KEY=VALUE": ` +
          `byte ${start} of the extended header starts none`,
      );
    }
    const key = decodeName(bytes.subarray(space + 1, equals));
    const value = bytes.subarray(equals + 1, end - 1);
    records.push([key, isBinary(key) ? decodeLatin(value) : decodeName(value)]);
    start = end;
  }
  return records;
}

function isBinary(key: string): boolean {
  return key.startsWith(XATTR_PREFIX);
}

/** A character for each byte. */
export function decodeLatin(bytes: Uint8Array): string {
  // Not by spreading: a value may have more bytes than a call has room for arguments.
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** A byte for each character, which are all below 256. */
export function encodeLatin(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function toLatin(text: string): string {
  return decodeLatin(encodeName(text));
}
