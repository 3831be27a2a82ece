/**
 * The layout of a tar archive, and the types that the reader and the writer share.
 *
 * An archive is a sequence of 512-byte blocks: a header, then the data padded to a block, and so
 * on; two zero blocks end it. A header (POSIX.1-2017 `pax`, "ustar Interchange Format"):
 *
 * ```text
 * 0   name      100   124 size      12   257 magic    6 "ustar\0"   329 devmajor  8
 * 100 mode        8   136 mtime     12   263 version  2 "00"        337 devminor  8
 * 108 uid         8   148 checksum   8   265 uname   32             345 prefix  155
 * 116 gid         8   156 typeflag   1   297 gname   32             500 (unused) 12
 *                     157 linkname 100
 * ```
 */

/** Bytes in a block. */
export const BLOCK_BYTES = 512;

/** The type of an entry; `char` and `block` are device nodes. */
export type TarType = "file" | "directory" | "symlink" | "link" | "fifo" | "char" | "block";

/** The typeflag that is written for each type (POSIX.1-2017 `pax`). */
export const TYPEFLAGS: Readonly<Record<TarType, string>> = {
  file: "0",
  link: "1",
  symlink: "2",
  char: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** The metadata of one entry. */
export interface TarHeader {
  readonly type: TarType;
  /** As stored: may be absolute, may end with a slash. */
  readonly name: string;
  /** The target of a symlink, or the name of the entry that a hard link refers to; else empty. */
  readonly linkName: string;
  /** Permission bits, with setuid, setgid and sticky; no file type. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content, with holes; 0 for all but files. */
  readonly size: number;
  /** Seconds since the epoch; may have a fraction and may be negative. */
  readonly mtime: number;
  /** Device numbers of `char` and `block`, else 0. */
  readonly major: number;
  readonly minor: number;
  /** Extended attributes by name, such as `security.capability`; absent if there are none. */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

/** Returns how many bytes of padding follow `size` bytes of data. */
export function paddingBytes(size: number): number {
  // Not `-size & 511`: bit operators would truncate a size over 4 GiB.
  return (BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES;
}
