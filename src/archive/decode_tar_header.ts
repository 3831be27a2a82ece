/** Reads one 512-byte tar header: ustar, GNU or the older form without magic. */
import { ArchiveError } from "./archive_error.ts";
import { decodeName } from "./decode_name.ts";
import { BLOCK_BYTES } from "./tar_format.ts";

/** The fields of one header block as stored, before pax and GNU headers override them. */
export interface RawHeader {
  readonly typeflag: string;
  readonly name: string;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
  /** The block itself, for the sparse map that GNU keeps in the place of the prefix. */
  readonly block: Uint8Array;
}

/**
 * @param block 512 bytes that are not all zero; kept by the result
 * @throws {ArchiveError} if the checksum or a number is wrong
 */
export function decodeTarHeader(block: Uint8Array): RawHeader {
  if (!isChecksumRight(block)) {
    throw new ArchiveError(
      "Cannot read the tar archive as each header must match its checksum: this one does not",
    );
  }
  const magic = String.fromCharCode(...block.subarray(257, 263));
  // GNU's "ustar  " has times and a sparse map where POSIX has the prefix.
  const prefix = magic === "ustar\0" ? readText(block, 345, 155) : "";
  const name = readText(block, 0, 100);
  const hasDevice = magic.startsWith("ustar");
  return {
    typeflag: String.fromCharCode(block[156]!),
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkName: readText(block, 157, 100),
    mode: readNumber(block, 100, 8),
    uid: readNumber(block, 108, 8),
    gid: readNumber(block, 116, 8),
    size: readNumber(block, 124, 12),
    mtime: readNumber(block, 136, 12),
    major: hasDevice ? readNumber(block, 329, 8) : 0,
    minor: hasDevice ? readNumber(block, 337, 8) : 0,
    block,
  };
}

/** Whether each byte of a block is zero. */
export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** The text up to the first NUL, or the whole field. */
export function readText(block: Uint8Array, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return end === 0 ? "" : decodeName(end < 0 ? field : field.subarray(0, end));
}

/**
 * Octal digits, or base 256 when the first bit is set (GNU tar, "Extensions to tar").
 *
 * @throws {ArchiveError} if it is neither, or too large for an exact number
 */
export function readNumber(block: Uint8Array, offset: number, length: number): number {
  const first = block[offset]!;
  const value = first & 0x80
    ? readBase256(block, offset, length, first)
    : readOctal(block, offset, length);
  if (Number.isSafeInteger(value)) return value;
  const text = JSON.stringify(String.fromCharCode(...block.subarray(offset, offset + length)));
  throw new ArchiveError(
    `Cannot read the tar archive as a header's numbers must be octal: ${text} at byte ${offset}`,
  );
}

function readOctal(block: Uint8Array, offset: number, length: number): number {
  let at = offset;
  const end = offset + length;
  while (at < end && block[at] === 0x20) at++;
  let value = 0;
  for (; at < end; at++) {
    const byte = block[at]!;
    if (byte === 0 || byte === 0x20) break;
    if (byte < 0x30 || byte > 0x37) return NaN;
    value = value * 8 + byte - 0x30;
  }
  return value;
}

function readBase256(block: Uint8Array, offset: number, length: number, first: number): number {
  let value = first === 0xff ? -1 : first & 0x7f;
  for (let at = offset + 1; at < offset + length; at++) value = value * 256 + block[at]!;
  return value;
}

/** Sums as unsigned bytes, or as signed ones, which old archivers did. */
function isChecksumRight(block: Uint8Array): boolean {
  const stored = readOctal(block, 148, 8);
  let unsigned = 8 * 0x20;
  let negative = 0;
  for (let at = 0; at < BLOCK_BYTES; at++) {
    if (at >= 148 && at < 156) continue;
    unsigned += block[at]!;
    if (block[at]! > 127) negative += 256;
  }
  return stored === unsigned || stored === unsigned - negative;
}
