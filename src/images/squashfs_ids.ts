// Reads and extends the id table of a finished squashfs whose ids are not compressed. sqfstar
// stores the owners that it has seen; that of the root folder may be missing, and is appended.
//
// struct squashfs_super_block, fs/squashfs/squashfs_fs.h; all little-endian:
//   superblock    26 count of ids u16   40 bytes used u64   48 id table u64
//                 56 xattr table u64, or all ones
//   id table      a u64, the place of a metadata block of u32s, which ends where the table starts
//   xattr table   0 place of xattrs u64   8 count u32   16 the places of metadata blocks, each u64
// The id table, and the xattr table after it, are last in the file.

import { readAt, requirePlain, writeAt } from "./squashfs_metadata.ts";

const SUPERBLOCK_BYTES = 96;
const BLOCK_BYTES = 8192;
const ID_BYTES = 4;
const MAX_IDS = BLOCK_BYTES / ID_BYTES;
const HEADER_BYTES = 2;
const NOT_COMPRESSED = 0x8000;
const XATTR_BYTES = 16;
const NO_TABLE = 2n ** 64n - 1n;

/** mksquashfs(1): files are padded to blocks of devices. */
const PADDED_BYTES = 4096;

/** All ids, by their index in the table. */
export function readIds(file: Deno.FsFile): number[] {
  const { count, block } = findIds(file);
  const ids = readAt(file, block + HEADER_BYTES, count * ID_BYTES);
  return Array.from({ length: count }, (_, index) => ids.getUint32(index * ID_BYTES, true));
}

/** The index of an id, which is added if missing. @throws {Error} if there are too many. */
export function placeOfId(file: Deno.FsFile, id: number): number {
  const ids = readIds(file);
  const place = ids.indexOf(id);
  if (place >= 0) return place;
  addId(file, id);
  return ids.length;
}

interface FoundIds {
  readonly superblock: DataView;
  readonly count: number;
  /** The metadata block. */
  readonly block: number;
  /** The offset of the pointer to the block. */
  readonly table: number;
}

function findIds(file: Deno.FsFile): FoundIds {
  const superblock = readAt(file, 0, SUPERBLOCK_BYTES);
  const count = superblock.getUint16(26, true);
  if (count > MAX_IDS) throw tooMany(count);
  const table = Number(superblock.getBigUint64(48, true));
  const block = Number(readAt(file, table, 8).getBigUint64(0, true));
  requirePlain(readAt(file, block, HEADER_BYTES));
  return { superblock, count, block, table };
}

function addId(file: Deno.FsFile, id: number): void {
  const { superblock, count, block, table } = findIds(file);
  if (count === MAX_IDS) throw tooMany(count + 1);
  const used = Number(superblock.getBigUint64(40, true));
  const tail = readAt(file, table, used - table);
  shiftXattrs(superblock, tail, table);
  const added = new DataView(new ArrayBuffer(ID_BYTES));
  added.setUint32(0, id, true);
  writeAt(file, table, new Uint8Array(added.buffer));
  writeAt(file, table + ID_BYTES, new Uint8Array(tail.buffer));
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  header.setUint16(0, (count + 1) * ID_BYTES | NOT_COMPRESSED, true);
  writeAt(file, block, new Uint8Array(header.buffer));
  superblock.setUint16(26, count + 1, true);
  shift(superblock, 40);
  shift(superblock, 48);
  writeAt(file, 0, new Uint8Array(superblock.buffer));
  file.truncateSync(Math.ceil((used + ID_BYTES) / PADDED_BYTES) * PADDED_BYTES);
}

/** Adjusts the offsets in the xattr table. @param tail the bytes of the file from `table` on */
function shiftXattrs(superblock: DataView, tail: DataView, table: number): void {
  const xattrs = superblock.getBigUint64(56, true);
  if (xattrs === NO_TABLE) return;
  shift(superblock, 56);
  const at = Number(xattrs) - table;
  shift(tail, at);
  const blocks = Math.ceil(tail.getUint32(at + 8, true) * XATTR_BYTES / BLOCK_BYTES);
  for (let index = 0; index < blocks; index++) shift(tail, at + 16 + index * 8);
}

function shift(view: DataView, at: number): void {
  view.setBigUint64(at, view.getBigUint64(at, true) + BigInt(ID_BYTES), true);
}

function tooMany(count: number): Error {
  return new Error(`an image has at most ${MAX_IDS} owners: it has ${count}`);
}
