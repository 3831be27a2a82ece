/**
 * Encodes and decodes the records of a pax extended header: `LENGTH KEY=VALUE\n`, where LENGTH
 * includes itself. Values are text, except those of extended attributes, which are bytes.
 */
import { ArchiveError } from "./archive_error.ts";
import { encodeName } from "./decode_name.ts";

const SPACE = 0x20;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const END = Uint8Array.of(NEWLINE);

/** Prefix of the keys of extended attributes (star(1), "SCHILY.xattr"). */
export const XATTR_PREFIX = "SCHILY.xattr.";

/** A record to encode: text, or the bytes of an extended attribute. */
export type PaxField = readonly [key: string, value: string | Uint8Array];

/** Encodes records, without padding. */
export function encodePax(records: readonly PaxField[]): Uint8Array<ArrayBuffer> {
  const parts = records.flatMap(([key, value]) => {
    const name = encodeName(` ${key}=`);
    const bytes = typeof value === "string" ? encodeName(value) : value;
    const rest = name.length + bytes.length + 1;
    // The digits of the length can themselves push the length over a power of ten.
    const length = rest + String(rest + String(rest).length).length;
    return [encodeName(String(length)), name, bytes, END];
  });
  const encoded = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    encoded.set(part, filled);
    filled += part.length;
  }
  return encoded;
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
