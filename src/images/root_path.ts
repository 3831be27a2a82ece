// Checks the path and numbers of a tar's entry in a root. Pure.

import { posix } from "node:path";
import { ArchiveError } from "../archive/archive_error.ts";
import { encodeName } from "../archive/decode_name.ts";
import { entryPath, isPlainPath } from "../archive/entry_path.ts";
import { IMPLIED_FOLDER as PLAIN_FOLDER } from "../archive/implied_folder.ts";
import { MAX_PATH_BYTES } from "../archive/limits.ts";
import type { TarHeader } from "../archive/tar_format.ts";

/** The header of a folder that no entry describes. */
export const IMPLIED_FOLDER: TarHeader = { ...PLAIN_FOLDER, type: "directory" };

/**
 * Returns the path of an entry relative to the root; "" for the root. A leading slash means the
 * root, and `..` removes the name before it, as in umoci and containerd.
 *
 * @throws {ArchiveError} if it leads out of the root, or exceeds the kernel's limit.
 */
export function checkedPath(name: string): string {
  const path = entryPath(belowRoot(name), "take in");
  const bytes = byteLength(path);
  if (bytes <= MAX_PATH_BYTES) return path;
  throw new ArchiveError(
    `cannot take in ${JSON.stringify(`${path.slice(0, 64)}...`)}: a path has at most ` +
      `${MAX_PATH_BYTES} bytes: it has ${bytes}`,
  );
}

/** The length of a name in bytes; ASCII, the common case, is not encoded for that. */
export function byteLength(name: string): number {
  return /^[\0-\x7f]*$/.test(name) ? name.length : encodeName(name).length;
}

/** The largest user or group id. */
const MAX_ID = 2 ** 32 - 1;
/** The largest device numbers: 12 and 20 bits, MINORBITS of include/linux/kdev_t.h. */
const MAX_MAJOR = 2 ** 12 - 1;
const MAX_MINOR = 2 ** 20 - 1;

/**
 * @throws {ArchiveError} if an owner or device number is out of range, as base 256 can encode any
 * number.
 */
export function checkNumbers({ name, uid, gid, major, minor }: TarHeader): void {
  const isRight = isUpTo(uid, MAX_ID) && isUpTo(gid, MAX_ID) && isUpTo(major, MAX_MAJOR) &&
    isUpTo(minor, MAX_MINOR);
  if (isRight) return;
  throw new ArchiveError(
    `cannot take in ${JSON.stringify(name)}: its owner or device is out of range: ` +
      `${uid}:${gid}, ${major}:${minor}`,
  );
}

function isUpTo(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

/**
 * Normalizes a name. One that leads out of the root is kept, to be refused as in Docker; umoci
 * keeps it inside.
 */
function belowRoot(name: string): string {
  if (isPlainPath(name) || name === "" || name.includes("\0")) return name;
  const path = posix.normalize(name.replace(/^\/+/, "") || ".");
  return path === ".." || path.startsWith("../") ? name.replace(/^\/+/, "") : path;
}
