// Fits an entry into the limits of a squashfs. Pure.

import { ArchiveError } from "../archive/archive_error.ts";
import type { TarHeader } from "../archive/tar_format.ts";

// struct squashfs_base_inode and squashfs_dev_inode, fs/squashfs/squashfs_fs.h: times and owners
// are u32; devices too, of 12 and 20 bits (new_encode_dev, include/linux/kdev_t.h).
const MAX_U32 = 0xffffffff;
const MAX_MAJOR = 0xfff;
const MAX_MINOR = 0xfffff;

/** The nearest time that a squashfs can store: whole seconds from 1970 to 2106. */
export function squashfsTime(mtime: number): number {
  return Math.max(0, Math.min(Math.floor(mtime), MAX_U32));
}

/**
 * Returns the header with its time clamped; all else must fit.
 *
 * @throws {ArchiveError} if an owner or a device does not fit; the message names the entry.
 */
export function forSquashfs(header: TarHeader): TarHeader {
  const { uid, gid, major, minor } = header;
  for (const id of [uid, gid]) {
    if (id < 0 || id > MAX_U32) throw refused(header, `an owner has 32 bits: ${id}`);
  }
  if (major < 0 || major > MAX_MAJOR || minor < 0 || minor > MAX_MINOR) {
    throw refused(header, `a device has 12 and 20 bits: ${major}, ${minor}`);
  }
  const mtime = squashfsTime(header.mtime);
  return mtime === header.mtime ? header : { ...header, mtime };
}

function refused({ name }: TarHeader, rule: string): ArchiveError {
  return new ArchiveError(`cannot take in ${JSON.stringify(name)}: ${rule}`);
}
