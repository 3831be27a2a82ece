/** Decodes one 512-byte tar header: ustar, GNU or the older format without magic. */
import { ArchiveError } from "./archive_error.ts";
import { BLOCK_BYTES } from "./tar_format.ts";

/**
 * The fields of one header block as stored, before pax and GNU headers override them. Names are
 * bytes: one that is too long for its field may be cut inside a character.
 */
export interface RawHeader {
  readonly typeflag: string;
  readonly name: Uint8Array;
  readonly linkName: Uint8Array;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  /** Device numbers of a device node, else 0. */
  readonly major: number;
  readonly minor: number;
  /** The block itself, for the sparse map that GNU stores in place of the prefix. */
  readonly block: Uint8Array;
  /** The offset in the archive at which the block ends. */
  readonly position: number;
}

/**
 * Decodes a header block.
 *
 * @param block 512 bytes that are not all zero; the result keeps a reference
 * @param position the offset in the archive at which the block ends, for messages
 * @throws {ArchiveError} if the checksum or a number is wrong
 */
export function decodeTarHeader(block: Uint8Array, position: number): RawHeader {
  if (!isChecksumRight(block)) {
    throw new ArchiveError(
      "cannot read the tar archive: each header must match its checksum: " +
        `the one at byte ${position - BLOCK_BYTES} does not`,
    );
  }
  const typeflag = String.fromCharCode(block[156]!);
  // Other entries do not use these fields, and older archivers left uninitialised memory in them.
  const hasDevice = (typeflag === "3" || typeflag === "4") && hasUstar(block);
  const number = (offset: number, length: number) => readNumber(block, offset, length, position);
  return {
    typeflag,
    name: storedName(block),
    linkName: storedBytes(block, 157, 100),
    mode: number(100, 8),
    uid: number(108, 8),
    gid: number(116, 8),
    size: number(124, 12),
    mtime: number(136, 12),
    major: hasDevice ? number(329, 8) : 0,
    minor: hasDevice ? number(337, 8) : 0,
    block,
    position,
  };
}

function storedName(block: Uint8Array): Uint8Array {
  const name = storedBytes(block, 0, 100);
  // The GNU format, "ustar  ", has times and a sparse map where POSIX has the prefix.
  if (!hasUstar(block) || block[262] !== 0) return name;
  const prefix = storedBytes(block, 345, 155);
  if (prefix.length === 0) return name;
  const whole = new Uint8Array(prefix.length + 1 + name.length);
  whole.set(prefix);
  whole[prefix.length] = SLASH;
  whole.set(name, prefix.length + 1);
  return whole;
}

/** Whether the magic is "ustar", which POSIX ends with a NUL and GNU with a space. */
function hasUstar(block: Uint8Array): boolean {
  return USTAR.every((byte, index) => block[257 + index] === byte);
}

const USTAR = [0x75, 0x73, 0x74, 0x61, 0x72];
const SLASH = 0x2f;
const NO_BYTES = new Uint8Array();

/** Whether all bytes of a block are zero. */
export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Returns a field up to its first NUL, or the whole field, as a view. */
export function storedBytes(block: Uint8Array, offset: number, length: number): Uint8Array {
  if (block[offset] === 0) return NO_BYTES; // most links and prefixes
  const last = offset + length;
  let end = offset;
  while (end < last && block[end] !== 0) end++;
  return block.subarray(offset, end);
}

/**
 * Decodes a number: octal digits, or base 256 if the first bit is set (GNU tar, "Extensions to
 * tar").
 *
 * @param offset of the field in the block @param length of the field, in bytes
 * @param position the offset in the archive at which the block ends, for the message
 * @throws {ArchiveError} if it is neither, or exceeds 2^53
 */
export function readNumber(
  block: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  const first = block[offset]!;
  const value = first & 0x80
    ? readBase256(block, offset, length, first)
    : readOctal(block, offset, length);
  if (Number.isSafeInteger(value)) return value;
  const text = JSON.stringify(String.fromCharCode(...block.subarray(offset, offset + length)));
  throw new ArchiveError(
    "cannot read the tar archive: a header's numbers must be octal and below 2^53: " +
      `${text} at byte ${position - BLOCK_BYTES + offset}`,
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

/** Checks the sum of all bytes, as unsigned ones or as signed ones, which old archivers added. */
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
