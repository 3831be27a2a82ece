/**
 * Reads the superblock (Documentation/filesystems/ext4/super.rst, `struct ext4_super_block` in
 * fs/ext4/ext4.h). It is 1024 bytes at byte 1024 of the disk; numbers are little-endian:
 *
 * ```text
 * 0x00  inodes_count           0x4c rev_level            0xe0  journal_inum
 * 0x04  blocks_count, low      0x58 inode_size     u16   0xfe  desc_size          u16
 * 0x14  first_data_block       0x5c compat               0x150 blocks_count, high
 * 0x18  log_block_size         0x60 incompat             0x175 checksum_type      u8
 * 0x20  blocks_per_group       0x64 ro_compat            0x270 checksum_seed
 * 0x28  inodes_per_group       0x68 uuid       16 bytes  0x3fc checksum
 * 0x38  magic            u16
 * ```
 */
import { crc32c, CRC_START } from "./crc32c.ts";
import type { PageCache } from "./page_cache.ts";
import { refused } from "./source.ts";

/** The parameters of the whole file system. */
export interface Superblock {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly inodes: number;
  readonly inodesPerGroup: number;
  readonly inodeBytes: number;
  readonly descriptorBytes: number;
  /** Whether the journal contains blocks that are not yet in their places. */
  readonly needsRecovery: boolean;
  /** The inode of the journal; 0 if there is none. */
  readonly journalInode: number;
  /** The seed of metadata checksums; undefined if there are none. */
  readonly checksumSeed?: number;
}

const SUPERBLOCK_OFFSET = 1024;
const SUPERBLOCK_BYTES = 1024;
// EXT4_SUPER_MAGIC and the EXT4_FEATURE_* bits of fs/ext4/ext4.h.
const MAGIC = 0xef53;
const COMPAT_HAS_JOURNAL = 0x4;
const RO_COMPAT_METADATA_CSUM = 0x400;
const INCOMPAT_RECOVER = 0x4;
const INCOMPAT_64BIT = 0x80;
const INCOMPAT_CSUM_SEED = 0x2000;
/** Filetype, recover, extents, 64bit, mmp, flex_bg, csum_seed, largedir, inline_data. */
const INCOMPAT_SUPPORTED = 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200 | 0x2000 | 0x4000 | 0x8000;
const CHECKSUM_CRC32C = 1;
const OLD_INODE_BYTES = 128;
const OLD_DESCRIPTOR_BYTES = 32;
const MAX_LOG_BLOCK_SIZE = 6;

/**
 * Reads and checks the superblock.
 *
 * @throws {Ext4Error} if there is none, it is invalid, or it names an unsupported feature
 */
export function readSuperblock(disk: PageCache): Superblock {
  if (disk.size < SUPERBLOCK_OFFSET + SUPERBLOCK_BYTES) {
    throw refused(disk, `an ext4 disk must have a superblock: it has ${disk.size} bytes`);
  }
  const bytes = disk.view(SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(0x38, true) !== MAGIC) {
    throw refused(disk, "an ext4 disk must have a superblock: there is none");
  }
  checkFeatures(disk, view);
  const hasChecksums = (view.getUint32(0x64, true) & RO_COMPAT_METADATA_CSUM) !== 0;
  if (hasChecksums) checkChecksum(disk, view, bytes);
  const superblock = decode(view);
  const fact = impossible(superblock, view, disk.size);
  if (fact !== undefined) throw refused(disk, `its superblock must fit the disk: ${fact}`);
  return hasChecksums ? { ...superblock, checksumSeed: checksumSeed(view, bytes) } : superblock;
}

function decode(view: DataView): Superblock {
  const u32 = (at: number) => view.getUint32(at, true);
  const is64bit = (u32(0x60) & INCOMPAT_64BIT) !== 0;
  return {
    // A value out of range is refused later, by `impossible`.
    blockBytes: 1024 * 2 ** Math.min(u32(0x18), MAX_LOG_BLOCK_SIZE + 1),
    blocks: u32(0x04) + (is64bit ? u32(0x150) * 2 ** 32 : 0),
    firstDataBlock: u32(0x14),
    blocksPerGroup: u32(0x20),
    inodes: u32(0x00),
    inodesPerGroup: u32(0x28),
    inodeBytes: u32(0x4c) === 0 ? OLD_INODE_BYTES : view.getUint16(0x58, true),
    descriptorBytes: is64bit ? view.getUint16(0xfe, true) : OLD_DESCRIPTOR_BYTES,
    needsRecovery: (u32(0x60) & INCOMPAT_RECOVER) !== 0,
    journalInode: (u32(0x5c) & COMPAT_HAS_JOURNAL) === 0 ? 0 : u32(0xe0),
  };
}

/**
 * Finds a contradiction in the superblock or to the disk, as `ext4_fill_super` in fs/ext4/super.c.
 */
function impossible(is: Superblock, view: DataView, diskBytes: number): string | undefined {
  const isPowerOf2 = (value: number) => value > 0 && (value & (value - 1)) === 0;
  if (view.getUint32(0x18, true) > MAX_LOG_BLOCK_SIZE) return "its blocks are too large";
  if (is.blocks * is.blockBytes > diskBytes) {
    return `it has ${is.blocks} blocks of ${is.blockBytes} bytes, on ${diskBytes} bytes`;
  }
  // With clusters it is 0 where it would otherwise be 1.
  if (is.firstDataBlock > (is.blockBytes === 1024 ? 1 : 0) || is.blocks <= is.firstDataBlock) {
    return `its first block is ${is.firstDataBlock} of ${is.blocks}`;
  }
  if (!isPowerOf2(is.inodeBytes) || is.inodeBytes < 128 || is.inodeBytes > is.blockBytes) {
    return `its inodes have ${is.inodeBytes} bytes`;
  }
  if (!isPowerOf2(is.descriptorBytes) || is.descriptorBytes > is.blockBytes) {
    return `its group descriptors have ${is.descriptorBytes} bytes`;
  }
  if (is.descriptorBytes < ((view.getUint32(0x60, true) & INCOMPAT_64BIT) === 0 ? 32 : 64)) {
    return `its group descriptors have ${is.descriptorBytes} bytes`;
  }
  if (is.blocksPerGroup < 1) return "its groups have no blocks";
  // One block is the bitmap of used inodes.
  if (is.inodesPerGroup < 1 || is.inodesPerGroup > is.blockBytes * 8) {
    return `its groups have ${is.inodesPerGroup} inodes`;
  }
  const groups = Math.ceil((is.blocks - is.firstDataBlock) / is.blocksPerGroup);
  if (is.inodes === groups * is.inodesPerGroup) return undefined;
  return `it has ${is.inodes} inodes in ${groups} groups of ${is.inodesPerGroup}`;
}

function checkFeatures(disk: PageCache, view: DataView): void {
  const unknown = (view.getUint32(0x60, true) & ~INCOMPAT_SUPPORTED) >>> 0;
  if (unknown === 0) return;
  throw refused(disk, `its features must be known: incompat 0x${unknown.toString(16)} is not`);
}

function checkChecksum(disk: PageCache, view: DataView, bytes: Uint8Array): void {
  const isRight = view.getUint8(0x175) === CHECKSUM_CRC32C &&
    view.getUint32(0x3fc, true) === crc32c(CRC_START, bytes.subarray(0, 0x3fc));
  if (!isRight) throw refused(disk, "its superblock must match its checksum: it does not");
}

function checksumSeed(view: DataView, bytes: Uint8Array): number {
  const hasSeed = (view.getUint32(0x60, true) & INCOMPAT_CSUM_SEED) !== 0;
  return hasSeed ? view.getUint32(0x270, true) : crc32c(CRC_START, bytes.subarray(0x68, 0x78));
}
