/** Reads one 512-byte tar header: ustar, GNU or the older form without magic. */
import { ArchiveError } from "./archive_error.ts";
import { BLOCK_BYTES } from "./tar_format.ts";

/**
 * The fields of one header block as stored, before pax and GNU headers override them. Names are bytes,
 * as a name that is too long for its field may be cut inside a character, and is then no text.
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
  /** Device numbers, where there is a device. */
  readonly major: number;
  readonly minor: number;
  /** The block itself, for the sparse map that GNU keeps in the place of the prefix. */
  readonly block: Uint8Array;
  /** Where in the archive the block ends. */
  readonly position: number;
}

/**
 * @param block 512 bytes that are not all zero; kept by the result
 * @param position where in the archive the block ends, for messages
 * @throws {ArchiveError} if the checksum or a number is wrong
 */
export function decodeTarHeader(block: Uint8Array, position: number): RawHeader {
  if (!isChecksumRight(block)) {
    throw new ArchiveError(
      "Cannot read the tar archive as each header must match its checksum: " +
        `the one at byte ${position - BLOCK_BYTES} does not`,
    );
  }
  const typeflag = String.fromCharCode(block[156]!);
  // The fields are of no concern elsewhere, and older archivers left there what was in memory.
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
  // GNU's "ustar  " has times and a sparse map where POSIX has the prefix.
  if (!hasUstar(block) || block[262] !== 0) return name;
  const prefix = storedBytes(block, 345, 155);
  if (prefix.length === 0) return name;
  const whole = new Uint8Array(prefix.length + 1 + name.length);
  whole.set(prefix);
  whole[prefix.length] = SLASH;
  whole.set(name, prefix.length + 1);
  return whole;
}

/** Whether there is the magic "ustar", which POSIX ends with a NUL and GNU with a space. */
function hasUstar(block: Uint8Array): boolean {
  return USTAR.every((byte, index) => block[257 + index] === byte);
}

const USTAR = [0x75, 0x73, 0x74, 0x61, 0x72];
const SLASH = 0x2f;

/** Whether each byte of a block is zero. */
export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** A field up to its first NUL, or the whole one. */
export function storedBytes(block: Uint8Array, offset: number, length: number): Uint8Array {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

/**
 * Octal digits, or base 256 when the first bit is set (GNU tar, "Extensions to tar").
 *
 * @param position where in the archive the block ends, for the message
 * @throws {ArchiveError} if it is neither, or too large for an exact number
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
    "Cannot read the tar archive as a header's numbers must be octal and below 2^53: " +
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
