/**
 * Reads an inode (Documentation/filesystems/ext4/inodes.rst, `struct ext4_inode` in
 * fs/ext4/ext4.h):
 *
 * ```text
 * 0x00 mode        u16   0x20 flags               0x78 uid, high          u16
 * 0x02 uid, low    u16   0x28 block    60 bytes   0x7a gid, high          u16
 * 0x04 size, low         0x64 generation          0x7c checksum, low      u16
 * 0x10 mtime       i32   0x68 file_acl, low       0x80 extra_isize        u16
 * 0x18 gid, low    u16   0x6c size, high          0x82 checksum, high     u16
 * 0x1a links_count u16   0x76 file_acl, high u16  0x88 mtime_extra
 * ```
 *
 * Fields from 0x80 on exist in inodes of more than 128 bytes, up to the length in extra_isize.
 */
import { crc32c, crc32cAround, crc32cOfNumber } from "./crc32c.ts";
import type { Volume } from "./volume.ts";

/** The type of an inode. */
export type InodeKind =
  | "file"
  | "directory"
  | "symlink"
  | "fifo"
  | "socket"
  | "character-device"
  | "block-device";

/** A file or other object on the disk, without its names. */
export interface Inode {
  readonly number: number;
  readonly kind: InodeKind;
  /** Permission bits, with setuid, setgid and sticky; no file type. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content, with holes. */
  readonly size: number;
  /** The number of hard links. */
  readonly links: number;
  /** Seconds since the epoch, and nanoseconds. */
  readonly mtime: { readonly seconds: number; readonly nanoseconds: number };
  /** The device numbers, only of device nodes. */
  readonly device?: { readonly major: number; readonly minor: number };
  /** The `EXT4_*_FL` bits. */
  readonly flags: number;
  /** The 60 bytes of a block map, a short symlink target or a device number. */
  readonly block: Uint8Array;
  /** The seed of the checksums of the inode's metadata; undefined if there are none. */
  readonly checksumSeed?: number;
  /** The block of extended attributes; 0 if there is none. */
  readonly xattrBlock: number;
  /** The space for extended attributes in the inode itself. */
  readonly xattrBytes: Uint8Array;
}

/** `EXT4_INDEX_FL`, `EXT4_EXTENTS_FL`, `EXT4_INLINE_DATA_FL` of fs/ext4/ext4.h. */
export const INDEX_FLAG = 0x1000;
export const EXTENTS_FLAG = 0x80000;
export const INLINE_DATA_FLAG = 0x10000000;
const ENCRYPT_FLAG = 0x800;

/** The file type bits of a mode (include/uapi/linux/stat.h). */
const KINDS: ReadonlyMap<number, InodeKind> = new Map([
  [0o010000, "fifo"],
  [0o020000, "character-device"],
  [0o040000, "directory"],
  [0o060000, "block-device"],
  [0o100000, "file"],
  [0o120000, "symlink"],
  [0o140000, "socket"],
]);
const OLD_BYTES = 128;
// Block numbers in a file have 32 bits.
const MAX_FILE_BLOCKS = 2 ** 32;

/**
 * Reads inode `number`.
 *
 * @throws {Ext4Error} if there is no such inode, or it is damaged
 */
export function readInode(volume: Volume, number: number): Inode {
  const bytes = volume.inodeBytes(number);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u16 = (at: number) => view.getUint16(at, true);
  const u32 = (at: number) => view.getUint32(at, true);
  const extra = bytes.length > OLD_BYTES ? u16(0x80) : 0;
  const refuse = (fact: string) => volume.refused(`inodes must be whole: ${number} ${fact}`);
  if (OLD_BYTES + extra > bytes.length || extra % 4 !== 0) throw refuse(`has ${extra} extra bytes`);
  const checksumSeed = checkedSeed(volume, number, bytes, extra);
  const kind = KINDS.get(u16(0x00) & 0o170000);
  if (kind === undefined) throw refuse("is of no known kind");
  if (u16(0x1a) === 0) throw refuse("is deleted");
  if ((u32(0x20) & ENCRYPT_FLAG) !== 0) throw refuse("is encrypted");
  const size = u32(0x04) + u32(0x6c) * 2 ** 32;
  if (size > MAX_FILE_BLOCKS * volume.superblock.blockBytes) throw refuse(`has ${size} bytes`);
  const isDevice = kind === "character-device" || kind === "block-device";
  return {
    number,
    kind,
    mode: u16(0x00) & 0o7777,
    uid: u16(0x02) + u16(0x78) * 2 ** 16,
    gid: u16(0x18) + u16(0x7a) * 2 ** 16,
    size,
    links: u16(0x1a),
    mtime: mtime(view, OLD_BYTES + extra),
    ...(isDevice && { device: device(u32(0x28), u32(0x2c)) }),
    flags: u32(0x20),
    block: bytes.subarray(0x28, 0x64),
    ...(checksumSeed !== undefined && { checksumSeed }),
    xattrBlock: u32(0x68) + (volume.superblock.descriptorBytes > 32 ? u16(0x76) * 2 ** 32 : 0),
    xattrBytes: bytes.subarray(extra === 0 ? bytes.length : OLD_BYTES + extra),
  };
}

/** Decodes the mtime: two more bits of seconds and nanoseconds, if the inode has room for them. */
function mtime(view: DataView, end: number): Inode["mtime"] {
  const extra = end >= 0x8c ? view.getUint32(0x88, true) : 0;
  const seconds = view.getInt32(0x10, true) + (extra & 3) * 2 ** 32;
  return { seconds, nanoseconds: Math.min(extra >>> 2, 999_999_999) };
}

/**
 * Decodes a device number: the 16-bit format, or the newer one after it (include/linux/kdev_t.h).
 */
function device(old: number, recent: number): { major: number; minor: number } {
  if (old !== 0) return { major: old >>> 8 & 0xff, minor: old & 0xff };
  return { major: recent >>> 8 & 0xfff, minor: recent & 0xff | recent >>> 12 & 0xfff00 };
}

/**
 * Checks the checksum of the inode (`ext4_inode_csum` in fs/ext4/inode.c) and returns the seed for
 * those of its metadata.
 */
function checkedSeed(
  volume: Volume,
  number: number,
  bytes: Uint8Array,
  extra: number,
): number | undefined {
  const { checksumSeed } = volume.superblock;
  if (checksumSeed === undefined) return undefined;
  const seed = crc32c(crc32cOfNumber(checksumSeed, number), bytes.subarray(0x64, 0x68));
  const hasHigh = extra >= 4;
  const old = crc32cAround(seed, bytes.subarray(0, OLD_BYTES), 0x7c, 2);
  const rest = bytes.subarray(OLD_BYTES);
  const sum = hasHigh ? crc32cAround(old, rest, 2, 2) : crc32c(old, rest);
  const low = bytes[0x7c]! | bytes[0x7d]! << 8;
  const stored = hasHigh ? (low | bytes[0x82]! << 16 | bytes[0x83]! << 24) >>> 0 : low;
  if (stored === (hasHigh ? sum : sum & 0xffff)) return seed;
  throw volume.refused(`inodes must match their checksums: ${number} does not`);
}
