/** The records of a pax extended header: `LENGTH KEY=VALUE\n`, where LENGTH counts itself. */
import { ArchiveError } from "./archive_error.ts";
import { decodeName } from "./decode_name.ts";

const SPACE = 0x20;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;

/** The bytes of the given records, unpadded. */
export function encodePax(records: readonly (readonly [string, string])[]): Uint8Array {
  const encoder = new TextEncoder();
  return encoder.encode(
    records.map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      const restBytes = encoder.encode(rest).length;
      let length = restBytes + String(restBytes).length;
      // The digits of the length can themselves push the length over a power of ten.
      length = restBytes + String(length).length;
      return `${length}${rest}`;
    }).join(""),
  );
}

/**
 * The records in `bytes`, in order and with repeated keys kept: sparse format 0.0 repeats them.
 *
 * @throws {ArchiveError} if a record is malformed or is not UTF-8
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
    records.push([
      decodeName(bytes.subarray(space + 1, equals)),
      decodeName(bytes.subarray(equals + 1, end - 1)),
    ]);
    start = end;
  }
  return records;
}

function decodeLatin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
