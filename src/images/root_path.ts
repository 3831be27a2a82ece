// Where an entry of a tar belongs in a root, and the folders that no entry describes. Pure.

import { posix } from "node:path";
import { ArchiveError } from "../archive/archive_error.ts";
import { encodeName } from "../archive/decode_name.ts";
import { entryPath } from "../archive/entry_path.ts";
import { IMPLIED_FOLDER as PLAIN_FOLDER } from "../archive/implied_folder.ts";
import { MAX_PATH_BYTES } from "../archive/limits.ts";
import type { TarHeader } from "../archive/tar_format.ts";

/** The header of a folder that is needed and nowhere described. */
export const IMPLIED_FOLDER: TarHeader = { ...PLAIN_FOLDER, type: "directory" };

/**
 * The path of an entry below the root; "" for the root. A root is the top of its world: a leading slash
 * says so, and `..` is taken together with the name before it, as umoci and containerd do.
 *
 * @throws {ArchiveError} if it leads out of it, or is longer than the kernel takes.
 */
export function checkedPath(name: string): string {
  const path = entryPath(belowRoot(name), "take in");
  const bytes = byteLength(path);
  if (bytes <= MAX_PATH_BYTES) return path;
  throw new ArchiveError(
    `Cannot take in ${JSON.stringify(`${path.slice(0, 64)}...`)} as a path has at most ` +
      `${MAX_PATH_BYTES} bytes: it has ${bytes}`,
  );
}

/** How many bytes a name has; mostly it is ASCII, which need not be encoded for that. */
export function byteLength(name: string): number {
  return /^[\0-\x7f]*$/.test(name) ? name.length : encodeName(name).length;
}

/** The largest id of an owner. */
const MAX_ID = 2 ** 32 - 1;
/** The largest numbers of a device: 12 and 20 bits, MINORBITS of include/linux/kdev_t.h. */
const MAX_MAJOR = 2 ** 12 - 1;
const MAX_MINOR = 2 ** 20 - 1;

/** @throws {ArchiveError} if the owner or the device is one that cannot be: base 256 says anything. */
export function checkNumbers({ name, uid, gid, major, minor }: TarHeader): void {
  const isRight = isUpTo(uid, MAX_ID) && isUpTo(gid, MAX_ID) && isUpTo(major, MAX_MAJOR) &&
    isUpTo(minor, MAX_MINOR);
  if (isRight) return;
  throw new ArchiveError(
    `Cannot take in ${JSON.stringify(name)} as its owner and device must be ones that can be: ` +
      `${uid}:${gid}, ${major}:${minor}`,
  );
}

function isUpTo(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

/** A name that leads out is left as it is, to be refused, as Docker does; umoci has it in the root. */
function belowRoot(name: string): string {
  if (name === "" || name.includes("\0")) return name;
  const path = posix.normalize(name.replace(/^\/+/, "") || ".");
  return path === ".." || path.startsWith("../") ? name.replace(/^\/+/, "") : path;
}
