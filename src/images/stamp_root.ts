// The folder at the root of a squashfs: its mode, owner and time, which sqfstar 4.5.1 takes from its own
// process and the clock, whatever the tar and its options say. They are written into the finished image.
//
// struct squashfs_super_block and squashfs_base_inode, fs/squashfs/squashfs_fs.h; all little-endian:
//   superblock   24 flags u16   26 ids u16   32 root inode u64   48 id table u64   64 inode table u64
//   root inode   0 type u16   2 mode u16   4 uid u16   6 gid u16   8 mtime u32; owners by place in the table
//   metadata     blocks of up to 8192 bytes, each behind a u16 with its length; 0x8000: not compressed
//   id table     at its u64 the place of a metadata block, in which there are u32s

import { squashfsTime } from "./squashfs_limits.ts";

/** What a root folder is to have. */
export interface RootStamp {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch; cut to what 32 bits hold. */
  readonly mtime: number;
}

const SUPERBLOCK_BYTES = 96;
const BLOCK_BYTES = 8192;
const INODE_BYTES = 12;
const IDS_IN_BLOCK = BLOCK_BYTES / 4;
const NOT_COMPRESSED = 0x8000;

/**
 * Writes `stamp` into the squashfs at a path, whose inodes and ids are not compressed (`-noI`).
 *
 * @throws {Error} if it has no place for one of the owners: ids are those that something in the image has.
 */
export function stampRoot(path: string, stamp: RootStamp): void {
  using file = Deno.openSync(path, { read: true, write: true });
  const { ids, block, offset } = findRoot(file);
  const inode = new DataView(new ArrayBuffer(INODE_BYTES));
  inode.setUint16(2, stamp.mode, true);
  inode.setUint16(4, placeOf(ids, stamp.uid), true);
  inode.setUint16(6, placeOf(ids, stamp.gid), true);
  inode.setUint32(8, squashfsTime(stamp.mtime), true);
  // All but the type of the inode, which is what it is.
  writeMetadata(file, block, offset + 2, new Uint8Array(inode.buffer, 2));
}

/** What the root folder of such a squashfs has. */
export function readStamp(path: string): RootStamp {
  using file = Deno.openSync(path);
  const { ids, block, offset } = findRoot(file);
  const inode = readMetadata(file, block, offset, INODE_BYTES);
  return {
    mode: inode.getUint16(2, true),
    uid: ids[inode.getUint16(4, true)]!,
    gid: ids[inode.getUint16(6, true)]!,
    mtime: inode.getUint32(8, true),
  };
}

/** Where its inode is: in a metadata block, at an offset. */
interface FoundRoot {
  readonly ids: readonly number[];
  readonly block: number;
  readonly offset: number;
}

function findRoot(file: Deno.FsFile): FoundRoot {
  const superblock = readAt(file, 0, SUPERBLOCK_BYTES);
  const table = Number(superblock.getBigUint64(48, true));
  const ids = readIds(file, table, superblock.getUint16(26, true));
  const reference = superblock.getBigUint64(32, true);
  const block = Number(superblock.getBigUint64(64, true)) + Number(reference >> 16n);
  return { ids, block, offset: Number(reference & 0xffffn) };
}

function readIds(file: Deno.FsFile, table: number, count: number): number[] {
  if (count > IDS_IN_BLOCK) {
    throw new Error(`an image has at most ${IDS_IN_BLOCK} owners here: ${count}`);
  }
  const block = Number(readAt(file, table, 8).getBigUint64(0, true));
  requirePlain(readAt(file, block, 2));
  const ids = readAt(file, block + 2, count * 4);
  return Array.from({ length: count }, (_, index) => ids.getUint32(index * 4, true));
}

function placeOf(ids: readonly number[], id: number): number {
  const place = ids.indexOf(id);
  if (place >= 0) return place;
  throw new Error(
    `Cannot give the root folder to ${id} as squashfs has owners of other files only: ${
      ids.join(", ")
    }`,
  );
}

/** Writes into the metadata that starts with `block`, which may go on in the next one. */
function writeMetadata(file: Deno.FsFile, block: number, offset: number, bytes: Uint8Array): void {
  const length = requirePlain(readAt(file, block, 2));
  const fitting = bytes.subarray(0, Math.max(0, BLOCK_BYTES - offset));
  writeAt(file, block + 2 + offset, fitting);
  if (fitting.length === bytes.length) return;
  const next = Math.max(0, offset - BLOCK_BYTES);
  writeMetadata(file, block + 2 + length, next, bytes.subarray(fitting.length));
}

/** What is in the metadata that starts with `block`, which may go on in the next one. */
function readMetadata(
  file: Deno.FsFile,
  block: number,
  offset: number,
  count: number,
): DataView {
  const length = requirePlain(readAt(file, block, 2));
  const here = Math.max(0, Math.min(count, BLOCK_BYTES - offset));
  const bytes = new Uint8Array(count);
  if (here > 0) bytes.set(bytesOf(readAt(file, block + 2 + offset, here)));
  if (here < count) {
    const next = Math.max(0, offset - BLOCK_BYTES);
    bytes.set(bytesOf(readMetadata(file, block + 2 + length, next, count - here)), here);
  }
  return new DataView(bytes.buffer);
}

function bytesOf({ buffer }: DataView): Uint8Array {
  return new Uint8Array(buffer);
}

/** The bytes in a metadata block, by its header. */
function requirePlain(header: DataView): number {
  const value = header.getUint16(0, true);
  if ((value & NOT_COMPRESSED) !== 0) return value & ~NOT_COMPRESSED;
  throw new Error("Cannot write the root folder of a squashfs as its inodes are compressed");
}

function readAt(file: Deno.FsFile, position: number, count: number): DataView {
  const bytes = new Uint8Array(count);
  file.seekSync(position, Deno.SeekMode.Start);
  for (let filled = 0; filled < count;) {
    const read = file.readSync(bytes.subarray(filled));
    if (read === null) throw new Error("the squashfs is cut short");
    filled += read;
  }
  return new DataView(bytes.buffer);
}

function writeAt(file: Deno.FsFile, position: number, bytes: Uint8Array): void {
  file.seekSync(position, Deno.SeekMode.Start);
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
}
