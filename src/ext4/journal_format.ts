/**
 * The layout of the journal (Documentation/filesystems/ext4/journal.rst, include/linux/jbd2.h).
 *
 * Numbers are big-endian. Each block except those of logged data starts with a header of 12 bytes:
 * magic, type, number of the transaction. The first block is the journal's own superblock:
 *
 * ```text
 * 0x0c blocksize   0x14 first      0x1c start          0x28 incompat       0x50 checksum_type u8
 * 0x10 maxlen      0x18 sequence   0x24 compat         0x30 uuid 16 bytes  0xfc checksum
 * ```
 *
 * A descriptor block lists the places on the disk of the logged blocks that follow it. A revoke
 * block lists blocks that must not be replayed from transactions up to its own. A commit block ends
 * a transaction:
 *
 * ```text
 * tag, checksums v3   0 block, low   4 flags          8 block, high   12 checksum
 * tag, else           0 block, low   4 checksum u16   6 flags u16      8 block, high, if 64bit
 * revoke block        12 bytes used, then block numbers of 4 or 8 bytes
 * commit block        16 checksum   48 seconds u64
 * ```
 *
 * A tag without `SAME_UUID` is followed by a UUID of 16 bytes. With checksums v2 and v3 the last 4
 * bytes of a descriptor or revoke block are its checksum, and a tag of v2 has 2 more bytes.
 */
import { crc32c, crc32cAround, CRC_START } from "./crc32c.ts";
import { type Ext4Source, refused } from "./source.ts";

export const JOURNAL_MAGIC = 0xc03b3998;
export const DESCRIPTOR_BLOCK = 1;
export const COMMIT_BLOCK = 2;
export const REVOKE_BLOCK = 5;
export const HEADER_BYTES = 12;
/** `JBD2_FLAG_*`. */
export const ESCAPED_FLAG = 1;
export const SAME_UUID_FLAG = 2;
export const LAST_FLAG = 8;
export const UUID_BYTES = 16;

const SUPERBLOCK_V1 = 3;
const SUPERBLOCK_V2 = 4;
// JBD2_FEATURE_INCOMPAT_*.
const INCOMPAT_64BIT = 0x2;
const INCOMPAT_CSUM_V2 = 0x8;
const INCOMPAT_CSUM_V3 = 0x10;
const INCOMPAT_FAST_COMMIT = 0x20;
/** Revoke, 64bit, async_commit, csum_v2, csum_v3. */
const INCOMPAT_SUPPORTED = 0x1 | 0x2 | 0x4 | 0x8 | 0x10;
const CHECKSUM_CRC32C = 4;
const CHECKSUM_OFFSET = 0xfc;
const SUPERBLOCK_BYTES = 1024;

/** The fields of the journal's superblock. */
export interface JournalSuperblock {
  /** Number of blocks in the journal, including this one. */
  readonly blocks: number;
  /** The first block of the ring of transactions. */
  readonly first: number;
  /** The block of the oldest transaction; 0 if there is none. */
  readonly start: number;
  /** The number of the oldest transaction. */
  readonly sequence: number;
  readonly is64bit: boolean;
  readonly checksums?: { readonly version: 2 | 3; readonly seed: number };
}

/**
 * Reads and checks the journal's superblock.
 *
 * @param block the first block of the journal
 * @param maxBlocks how many blocks the journal's inode has
 * @throws {Ext4Error} if it is damaged or uses an unsupported feature
 */
export function readJournalSuperblock(
  disk: Ext4Source,
  block: Uint8Array,
  maxBlocks: number,
): JournalSuperblock {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const type = view.getUint32(4);
  const isSuperblock = view.getUint32(0) === JOURNAL_MAGIC &&
    (type === SUPERBLOCK_V1 || type === SUPERBLOCK_V2);
  if (!isSuperblock) throw refused(disk, "its journal must have a superblock: there is none");
  const features = type === SUPERBLOCK_V2 ? view.getUint32(0x28) : 0;
  checkFeatures(disk, features);
  const journal = {
    blocks: view.getUint32(0x10),
    first: view.getUint32(0x14),
    start: view.getUint32(0x1c),
    sequence: view.getUint32(0x18),
    is64bit: (features & INCOMPAT_64BIT) !== 0,
  };
  const isPossible = view.getUint32(0x0c) === block.length && journal.blocks <= maxBlocks &&
    journal.first >= 1 && journal.first < journal.blocks &&
    (journal.start === 0 || journal.start >= journal.first && journal.start < journal.blocks);
  if (!isPossible) throw refused(disk, "its journal must fit its inode: it does not");
  if ((features & (INCOMPAT_CSUM_V2 | INCOMPAT_CSUM_V3)) === 0) return journal;
  checkChecksum(disk, view, block);
  const seed = crc32c(CRC_START, block.subarray(0x30, 0x40));
  const version = (features & INCOMPAT_CSUM_V3) !== 0 ? 3 : 2;
  return { ...journal, checksums: { version, seed } };
}

function checkFeatures(disk: Ext4Source, features: number): void {
  if ((features & INCOMPAT_FAST_COMMIT) !== 0) {
    throw refused(disk, "its journal must be without fast commits: make it without fast_commit");
  }
  const unknown = (features & ~INCOMPAT_SUPPORTED) >>> 0;
  if (unknown === 0) return;
  throw refused(disk, `its journal's features must be known: 0x${unknown.toString(16)} is not`);
}

function checkChecksum(disk: Ext4Source, view: DataView, block: Uint8Array): void {
  const bytes = block.subarray(0, SUPERBLOCK_BYTES);
  const isRight = view.getUint8(0x50) === CHECKSUM_CRC32C &&
    view.getUint32(CHECKSUM_OFFSET) === crc32cAround(CRC_START, bytes, CHECKSUM_OFFSET, 4);
  if (!isRight) throw refused(disk, "its journal must match its checksum: it does not");
}
