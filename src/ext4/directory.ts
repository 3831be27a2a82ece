/**
 * Reads directories (Documentation/filesystems/ext4/directory.rst): blocks full of entries.
 *
 * ```text
 * entry  0 inode   4 rec_len u16   6 name_len u8   7 file_type u8   8 name
 * tail   0 zero    4 12      u16   6 zero    u8    7 0xde      u8   8 checksum
 * ```
 *
 * The hash tree of a large directory is hidden in entries without an inode, so that a reader of all
 * entries skips it.
 */
import { crc32c } from "./crc32c.ts";
import { decodeName } from "../archive/decode_name.ts";
import { diskExtents } from "./file_content.ts";
import { INDEX_FLAG, INLINE_DATA_FLAG, type Inode } from "./inode.ts";
import { inlineData } from "./inline_data.ts";
import type { Volume } from "./volume.ts";

/** One name in a directory. */
export interface DirectoryEntry {
  readonly name: string;
  readonly inode: number;
}

const ENTRY_BYTES = 8;
const TAIL_BYTES = 12;
const SLASH = 0x2f;
const DOT = 0x2e;
// i_block starts with the inode number of the parent if the entries are in the inode.
const INLINE_PARENT_BYTES = 4;
const INODE_BLOCK_BYTES = 60;

/**
 * Yields the names in a directory in the order of storage, without `.` and `..`. A hostile disk may
 * repeat names.
 *
 * @throws {Ext4Error} if the directory is damaged, or contains an invalid name
 */
export function* readDirectory(volume: Volume, inode: Inode): Generator<DirectoryEntry> {
  if ((inode.flags & INLINE_DATA_FLAG) !== 0) return yield* readInline(volume, inode);
  const { blockBytes } = volume.superblock;
  let expected = 0;
  for (const { offset, length, at } of diskExtents(volume, inode)) {
    if (offset !== expected || length % blockBytes !== 0) throw damaged(volume, inode);
    expected += length;
    for (let done = 0; done < length; done += blockBytes) {
      const block = volume.block((at + done) / blockBytes);
      checkChecksum(volume, inode, block, offset + done);
      yield* readEntries(volume, inode, block, offset + done === 0);
    }
  }
  if (expected !== inode.size) throw damaged(volume, inode);
}

function* readInline(volume: Volume, inode: Inode): Generator<DirectoryEntry> {
  const bytes = inlineData(volume, inode).subarray(0, inode.size);
  // Entries do not cross from the inode into the attribute that holds the rest.
  yield* readEntries(volume, inode, bytes.subarray(INLINE_PARENT_BYTES, INODE_BLOCK_BYTES), false);
  yield* readEntries(volume, inode, bytes.subarray(INODE_BLOCK_BYTES), false);
}

function* readEntries(
  volume: Volume,
  inode: Inode,
  bytes: Uint8Array,
  mayHaveDots: boolean,
): Generator<DirectoryEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0, index = 0; at < bytes.length; index++) {
    if (at + ENTRY_BYTES > bytes.length) throw damaged(volume, inode);
    const stored = view.getUint16(at + 4, true);
    const length = recordBytes(stored, bytes.length);
    const nameEnd = at + ENTRY_BYTES + bytes[at + 6]!;
    if (length < ENTRY_BYTES + 4 || length % 4 !== 0 || at + length > bytes.length) {
      throw damaged(volume, inode);
    }
    if (nameEnd > at + length) throw damaged(volume, inode);
    const number = view.getUint32(at, true);
    const name = bytes.subarray(at + ENTRY_BYTES, nameEnd);
    if (number !== 0 && !(mayHaveDots && index < 2 && isDots(name))) {
      checkName(volume, inode, name);
      yield { name: decodeName(name), inode: number };
    }
    at += length;
  }
}

/**
 * Decodes a length: 64 KiB do not fit into 16 bits (`ext4_rec_len_from_disk` in fs/ext4/ext4.h).
 */
function recordBytes(stored: number, blockBytes: number): number {
  if (blockBytes < 65536) return stored;
  return stored === 65535 || stored === 0 ? blockBytes : (stored & 65532) | (stored & 3) << 16;
}

function isDots(name: Uint8Array): boolean {
  return name.length > 0 && name.length <= 2 && name.every((byte) => byte === DOT);
}

function checkName(volume: Volume, inode: Inode, name: Uint8Array): void {
  if (name.length > 0 && !isDots(name) && !name.includes(SLASH) && !name.includes(0)) return;
  const text = JSON.stringify(decodeName(name));
  throw volume.refused(`names must be of one part: directory ${inode.number} has ${text}`);
}

/** Checks the sum at the end of a block of entries. Blocks of the hash tree have none there. */
function checkChecksum(volume: Volume, inode: Inode, block: Uint8Array, offset: number): void {
  if (inode.checksumSeed === undefined) return;
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const isTree = (inode.flags & INDEX_FLAG) !== 0 && (offset === 0 || isTreeNode(view));
  if (isTree) return;
  const tail = block.length - TAIL_BYTES;
  const isRight = view.getUint32(tail + 8, true) ===
    crc32c(inode.checksumSeed, block.subarray(0, tail));
  if (isRight && view.getUint32(tail + 4, true) === 0xde00000c) return;
  throw volume.refused(
    `directories must match their checksums: inode ${inode.number} does not`,
  );
}

/** Whether one entry without an inode fills the block. */
function isTreeNode(view: DataView): boolean {
  return view.getUint32(0, true) === 0 &&
    recordBytes(view.getUint16(4, true), view.byteLength) === view.byteLength;
}

function damaged(volume: Volume, inode: Inode): Error {
  return volume.refused(`directories must be whole: inode ${inode.number} is not`);
}
