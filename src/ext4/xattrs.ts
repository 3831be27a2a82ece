/**
 * Reads extended attributes (Documentation/filesystems/ext4/attributes.rst, fs/ext4/xattr.h), which
 * are stored in the inode, after a magic number of 4 bytes, and in a block, after a header of 32:
 *
 * ```text
 * header  0 magic   4 refcount   8 blocks   12 hash   16 checksum
 * entry   0 name_len u8   1 name_index u8   2 value_offs u16   4 value_inum   8 value_size
 *         12 hash   16 name, padded to 4 bytes
 * ```
 *
 * Four zero bytes end the entries. The offsets of values count from the first entry in an inode,
 * and from the start of a block.
 */
import { crc32c, crc32cAround } from "./crc32c.ts";
import { decodeName } from "../archive/decode_name.ts";
import type { Inode } from "./inode.ts";
import type { Volume } from "./volume.ts";

// EXT4_XATTR_MAGIC and the EXT4_XATTR_INDEX_* of fs/ext4/xattr.h.
const MAGIC = 0xea020000;
const PREFIXES: ReadonlyMap<number, string> = new Map([
  [1, "user."],
  [2, "system.posix_acl_access"],
  [3, "system.posix_acl_default"],
  [4, "trusted."],
  [6, "security."],
  [7, "system."],
  [8, "system.richacl"],
]);
const HEADER_BYTES = 32;
const ENTRY_BYTES = 16;

/**
 * Returns the extended attributes of an inode by full name; values must not be changed.
 *
 * @throws {Ext4Error} if they are damaged
 */
export function readXattrs(volume: Volume, inode: Inode): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const { xattrBytes, xattrBlock } = inode;
  if (xattrBytes.length >= 8 && viewOf(xattrBytes).getUint32(0, true) === MAGIC) {
    const entries = xattrBytes.subarray(4);
    addEntries(volume, inode, { entries, values: entries }, found);
  }
  if (xattrBlock !== 0) {
    const values = xattrBlockOf(volume, inode);
    addEntries(volume, inode, { entries: values.subarray(HEADER_BYTES), values }, found);
  }
  return found;
}

/** A list of entries, and the bytes that the offsets of their values count from. */
interface Attributes {
  readonly entries: Uint8Array;
  readonly values: Uint8Array;
}

function addEntries(
  volume: Volume,
  inode: Inode,
  { entries, values }: Attributes,
  found: Map<string, Uint8Array>,
): void {
  const view = viewOf(entries);
  for (let at = 0;;) {
    if (at + 4 > entries.length) throw damaged(volume, inode);
    if (view.getUint32(at, true) === 0) return;
    const nameEnd = at + ENTRY_BYTES + entries[at]!;
    if (nameEnd > entries.length) throw damaged(volume, inode);
    const start = view.getUint16(at + 2, true);
    const size = view.getUint32(at + 8, true);
    // Values in inodes of their own are a separate feature, which the superblock would name.
    if (view.getUint32(at + 4, true) !== 0) throw damaged(volume, inode);
    if (size > 0 && start + size > values.length) throw damaged(volume, inode);
    const prefix = PREFIXES.get(entries[at + 1]!) ?? `${entries[at + 1]}.`;
    const name = prefix + decodeName(entries.subarray(at + ENTRY_BYTES, nameEnd));
    found.set(name, values.subarray(start, start + size));
    at = nameEnd + (4 - nameEnd % 4) % 4;
  }
}

function xattrBlockOf(volume: Volume, inode: Inode): Uint8Array {
  const bytes = volume.block(inode.xattrBlock);
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(8, true) !== 1) {
    throw damaged(volume, inode);
  }
  const { checksumSeed } = volume.superblock;
  if (checksumSeed === undefined) return bytes;
  const number = new Uint8Array(8);
  viewOf(number).setBigUint64(0, BigInt(inode.xattrBlock), true);
  const sum = crc32cAround(crc32c(checksumSeed, number), bytes, 16, 4);
  if (sum === view.getUint32(16, true)) return bytes;
  throw volume.refused(
    `attributes must match their checksums: those of inode ${inode.number} do not`,
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function damaged(volume: Volume, inode: Inode): Error {
  return volume.refused(`attributes must be whole: those of inode ${inode.number} are not`);
}
