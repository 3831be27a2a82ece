// Where an entry of a tar belongs in a root, and the folders that no entry describes. Pure.

import { posix } from "node:path";
import { ArchiveError } from "../archive/archive_error.ts";
import { encodeName } from "../archive/decode_name.ts";
import { entryPath } from "../archive/entry_path.ts";
import { IMPLIED_FOLDER as PLAIN_FOLDER, MAX_PATH_BYTES } from "../archive/implied_folder.ts";
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
  const bytes = encodeName(path).length;
  if (bytes <= MAX_PATH_BYTES) return path;
  throw new ArchiveError(
    `Cannot take in ${JSON.stringify(`${path.slice(0, 64)}...`)} as a path has at most ` +
      `${MAX_PATH_BYTES} bytes: it has ${bytes}`,
  );
}

/** A name that leads out is left as it is, to be refused, as Docker does; umoci has it in the root. */
function belowRoot(name: string): string {
  if (name === "" || name.includes("\0")) return name;
  const path = posix.normalize(name.replace(/^\/+/, "") || ".");
  return path === ".." || path.startsWith("../") ? name.replace(/^\/+/, "") : path;
}
