/**
 * Encodes and decodes the records of a pax extended header: `LENGTH KEY=VALUE\n`, where LENGTH
 * includes itself. Values are text, except those of extended attributes, which are bytes: here a
 * string of one character (U+0000 to U+00FF) for each byte.
 */
import { ArchiveError } from "./archive_error.ts";
import { encodeName } from "./decode_name.ts";

const SPACE = 0x20;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;

/** Prefix of the keys of extended attributes (star(1), "SCHILY.xattr"). */
export const XATTR_PREFIX = "SCHILY.xattr.";

/** Encodes records, without padding. */
export function encodePax(records: readonly (readonly [string, string])[]): Uint8Array {
  // As one character for each byte, so that all values can be joined.
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

/** One record as stored. */
export interface PaxRecord {
  /** One character for each byte: for comparing with keys of ASCII only. */
  readonly key: string;
  readonly keyBytes: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * Yields the records in `bytes`, in order and with repeated keys, which sparse format 0.0 uses.
 * Values are views and not decoded, as most of them are not used and need not be text.
 *
 * @throws {ArchiveError} if a record is malformed
 */
export function* decodePax(bytes: Uint8Array): Generator<PaxRecord> {
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(SPACE, start);
    const end = start + recordLength(bytes, start, space);
    const equals = bytes.indexOf(EQUALS, space);
    const isRecord = end <= bytes.length && space < equals && equals < end - 1 &&
      bytes[end - 1] === NEWLINE;
    if (!isRecord) {
      throw new ArchiveError(
        `cannot read the tar archive: a pax record must be "LENGTH KEY=VALUE": ` +
          `byte ${start} of the extended header starts no such record`,
      );
    }
    const keyBytes = bytes.subarray(space + 1, equals);
    yield { key: keys.decode(keyBytes), keyBytes, value: bytes.subarray(equals + 1, end - 1) };
    start = end;
  }
}

// One character for each byte, and faster than any loop.
const keys = new TextDecoder("latin1");
const MAX_LENGTH_DIGITS = 19;

/** The number in the digits from `start` to `space`; NaN if there is anything else. */
function recordLength(bytes: Uint8Array, start: number, space: number): number {
  if (space <= start || space - start > MAX_LENGTH_DIGITS) return NaN;
  let length = 0;
  for (let at = start; at < space; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return NaN;
    length = length * 10 + digit;
  }
  return length;
}

function isBinary(key: string): boolean {
  return key.startsWith(XATTR_PREFIX);
}

/** Converts bytes to a string of one character (U+0000 to U+00FF) for each. */
export function decodeLatin(bytes: Uint8Array): string {
  // Not by spreading: a value may have more bytes than a call can have arguments.
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** Converts a string of characters below U+0100 to one byte for each. */
export function encodeLatin(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function toLatin(text: string): string {
  return decodeLatin(encodeName(text));
}
