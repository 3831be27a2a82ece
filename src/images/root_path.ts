// Where an entry of a tar belongs in a root, and the folders that no entry describes. Pure.

import { ArchiveError } from "../archive/archive_error.ts";
import { encodeName } from "../archive/decode_name.ts";
import { entryPath } from "../archive/entry_path.ts";
import { IMPLIED_FOLDER as PLAIN_FOLDER, MAX_PATH_BYTES } from "../archive/implied_folder.ts";
import type { TarHeader } from "../archive/tar_format.ts";

/** The header of a folder that is needed and nowhere described. */
export const IMPLIED_FOLDER: TarHeader = { ...PLAIN_FOLDER, type: "directory" };

/**
 * The path of an entry below the root; "" for the root.
 *
 * @throws {ArchiveError} if it leads out of it, or is longer than the kernel takes.
 */
export function checkedPath(name: string): string {
  const path = entryPath(name, "take in");
  const bytes = encodeName(path).length;
  if (bytes <= MAX_PATH_BYTES) return path;
  throw new ArchiveError(
    `Cannot take in ${JSON.stringify(`${path.slice(0, 64)}...`)} as a path has at most ` +
      `${MAX_PATH_BYTES} bytes: it has ${bytes}`,
  );
}
