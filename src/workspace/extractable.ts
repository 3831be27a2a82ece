/** Decides which artifacts can be extracted to the host. */
import { ArchiveError } from "../archive/archive_error.ts";
import { checkSymlink, entryPath } from "../archive/entry_path.ts";
import type { Artifact } from "./artifact.ts";

// PATH_MAX of include/uapi/linux/limits.h, less what unpacking adds to the name of the folder.
const MAX_PATH_BYTES = 4095 - 64;
// Common file systems support files of this size.
const MAX_FILE_BYTES = 2 ** 40;

/**
 * Returns why an artifact cannot be extracted; undefined if it can, judged by its metadata alone.
 *
 * @param directory the absolute path of the folder to extract to
 */
export function whyNotExtractable(artifact: Artifact, directory: string): string | undefined {
  const { kind, path, size, linkTarget } = artifact;
  if (!path.isWellFormed() || linkTarget?.isWellFormed() === false) return "it is not UTF-8";
  if (kind !== "file" && kind !== "directory" && kind !== "symlink") return `it is a ${kind}`;
  if (size > MAX_FILE_BYTES) return `it has more than ${MAX_FILE_BYTES} bytes`;
  const hostPath = new TextEncoder().encode(directory + path);
  if (hostPath.length > MAX_PATH_BYTES) return "its path would be too long";
  return kind === "symlink" ? whyNotLink(path, linkTarget ?? "") : undefined;
}

/** Returns why unpacking would refuse a symlink. */
function whyNotLink(path: string, target: string): string | undefined {
  try {
    checkSymlink(entryPath(path.slice(1)), target);
    return undefined;
  } catch (error) {
    if (error instanceof ArchiveError) return `its target ${JSON.stringify(target)} may lead out`;
    throw error;
  }
}
