// Sets mode, owner and time of the root folder in a finished squashfs: sqfstar 4.5.1 takes them
// from its own process and the clock, whatever the tar and its options are.
//
// struct squashfs_super_block, squashfs_base_inode, fs/squashfs/squashfs_fs.h; all little-endian:
//   superblock   24 flags u16   26 ids u16   32 root inode u64   48 id table u64
//                64 inode table u64
//   root inode   0 type u16   2 mode u16   4 uid u16   6 gid u16   8 mtime u32; owners by index
//   metadata     blocks of up to 8192 bytes, after a u16 with their length; 0x8000: not compressed
//   id table     its u64 is the place of a metadata block of u32s

import { placeOfId, readIds } from "./squashfs_ids.ts";
import { readAt, readMetadata, writeMetadata } from "./squashfs_metadata.ts";
import { squashfsTime } from "./squashfs_limits.ts";

/** The attributes of a root folder. */
export interface RootStamp {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch; clamped to 32 bits. */
  readonly mtime: number;
}

const SUPERBLOCK_BYTES = 96;
const INODE_BYTES = 12;

/**
 * Writes `stamp` into the squashfs at a path, which must have uncompressed inodes and ids (`-noI`).
 *
 * @throws {Error} if its id table has no room for the owners.
 */
export function stampRoot(path: string, stamp: RootStamp): void {
  using file = Deno.openSync(path, { read: true, write: true });
  const { block, offset } = findRoot(file);
  const inode = new DataView(new ArrayBuffer(INODE_BYTES));
  inode.setUint16(2, stamp.mode, true);
  inode.setUint16(4, placeOfId(file, stamp.uid), true);
  inode.setUint16(6, placeOfId(file, stamp.gid), true);
  inode.setUint32(8, squashfsTime(stamp.mtime), true);
  // Everything but the type of the inode, which does not change.
  writeMetadata(file, block, offset + 2, new Uint8Array(inode.buffer, 2));
}

/** Reads the attributes of the root folder of such a squashfs. */
export function readStamp(path: string): RootStamp {
  using file = Deno.openSync(path);
  const { block, offset } = findRoot(file);
  const ids = readIds(file);
  const inode = readMetadata(file, block, offset, INODE_BYTES);
  return {
    mode: inode.getUint16(2, true),
    uid: ids[inode.getUint16(4, true)]!,
    gid: ids[inode.getUint16(6, true)]!,
    mtime: inode.getUint32(8, true),
  };
}

/** The position of the root inode: a metadata block, and the offset in it. */
interface FoundRoot {
  readonly block: number;
  readonly offset: number;
}

function findRoot(file: Deno.FsFile): FoundRoot {
  const superblock = readAt(file, 0, SUPERBLOCK_BYTES);
  const reference = superblock.getBigUint64(32, true);
  const block = Number(superblock.getBigUint64(64, true)) + Number(reference >> 16n);
  return { block, offset: Number(reference & 0xffffn) };
}
