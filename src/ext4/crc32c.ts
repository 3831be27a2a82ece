/** Computes CRC-32C, the checksum of the metadata of ext4 and jbd2. */

// Castagnoli's polynomial, bits reversed (lib/crc/crc32-main.c in the Linux source).
const POLYNOMIAL = 0x82f63b78;
const TABLES = makeTables();

/** The initial value of all sums. */
export const CRC_START = 0xffffffff;

/**
 * Returns the CRC-32C as the kernel's `crc32c(seed, bytes)` does: neither the seed nor the result
 * is inverted, so that a sum is the seed of the next piece.
 */
export function crc32c(seed: number, bytes: Uint8Array): number {
  const [t0, t1, t2, t3] = TABLES;
  let crc = seed;
  let at = 0;
  // Four bytes at a time, for speed: all metadata is summed.
  for (const end = bytes.length - 3; at < end; at += 4) {
    const x = crc ^
      (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24);
    crc = t3[x & 0xff]! ^ t2[x >>> 8 & 0xff]! ^ t1[x >>> 16 & 0xff]! ^ t0[x >>> 24]!;
  }
  for (; at < bytes.length; at++) crc = t0[(crc ^ bytes[at]!) & 0xff]! ^ crc >>> 8;
  return crc >>> 0;
}

/** Returns the sum of the four bytes of a number, little-endian. */
export function crc32cOfNumber(seed: number, value: number): number {
  return crc32c(seed, Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24));
}

/** Returns the sum of `bytes` with `length` bytes at `hole`, where the sum is stored, as zeros. */
export function crc32cAround(
  seed: number,
  bytes: Uint8Array,
  hole: number,
  length: number,
): number {
  const before = crc32c(seed, bytes.subarray(0, hole));
  return crc32c(crc32c(before, new Uint8Array(length)), bytes.subarray(hole + length));
}

type Tables = readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array];

function makeTables(): Tables {
  const t0 = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc >>> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
    return crc;
  });
  const shifted = (table: Uint32Array) => table.map((crc) => t0[crc & 0xff]! ^ crc >>> 8);
  const t1 = shifted(t0);
  const t2 = shifted(t1);
  return [t0, t1, t2, shifted(t2)];
}
