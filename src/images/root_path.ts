// Where an entry of a tar belongs in a root, and the folders that no entry describes. Pure.

import { ArchiveError } from "../archive/archive_error.ts";
import { entryPath } from "../archive/entry_path.ts";
import type { TarHeader } from "../archive/tar_format.ts";

// PATH_MAX of include/uapi/linux/limits.h, its NUL counted.
const MAX_PATH_BYTES = 4096 - 1;

/** The header of a folder that is needed and nowhere described. */
export const IMPLIED_FOLDER: TarHeader = {
  type: "directory",
  name: "",
  linkName: "",
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  major: 0,
  minor: 0,
};

/**
 * The path of an entry below the root; "" for the root.
 *
 * @throws {ArchiveError} if it leads out of it, or is longer than the kernel takes.
 */
export function checkedPath(name: string): string {
  const path = entryPath(name, "take in");
  const bytes = new TextEncoder().encode(path).length;
  if (bytes <= MAX_PATH_BYTES) return path;
  throw new ArchiveError(
    `Cannot take in ${JSON.stringify(`${path.slice(0, 64)}...`)} as a path has at most ` +
      `${MAX_PATH_BYTES} bytes: it has ${bytes}`,
  );
}
