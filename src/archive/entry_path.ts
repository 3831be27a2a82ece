/** Checks that a tar entry is unpacked below the target folder, whatever its name or target is. */
import { ArchiveError } from "./archive_error.ts";

/**
 * Returns the path of an entry relative to the target folder, without `.` and empty parts; "" for
 * the folder itself.
 *
 * @param action what is done with `name`, for the message
 * @throws {ArchiveError} if the name is empty, absolute, or contains a NUL or a `..`
 */
export function entryPath(name: string, action = "unpack"): string {
  if (isPlainPath(name)) return name;
  const refuse = (fact: string) =>
    new ArchiveError(
      `cannot ${action} ${JSON.stringify(name)}: an entry must stay below its folder: ${fact}`,
    );
  if (name === "") throw refuse("its name is empty");
  if (name.includes("\0")) throw refuse("its name contains a NUL byte");
  if (name.startsWith("/")) throw refuse("its name is absolute");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refuse(`its name contains ".."`);
  return parts.join("/");
}

/** A part that is empty, `.` or `..`, also before a leading and after a trailing slash. */
const SPECIAL_PART = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** Whether a name is a relative path without empty parts, `.`, `..` and NUL, as most are. */
export function isPlainPath(name: string): boolean {
  return !SPECIAL_PART.test(name) && !name.includes("\0");
}

/**
 * Refuses a symlink that could lead out of the target folder, alone or through other symlinks.
 *
 * `..` is accepted only at the start of the target, where it goes up from the real directory of the
 * link; after a name it could go up from wherever another symlink leads.
 *
 * @param path of the link, as `entryPath` returns it; its parents must be real directories
 * @throws {ArchiveError} if the target is empty, absolute, goes too far up, or contains a NUL
 */
export function checkSymlink(path: string, target: string): void {
  const refuse = (fact: string) =>
    new ArchiveError(
      `cannot unpack ${JSON.stringify(path)}: a symlink must stay below the folder: ${fact}`,
    );
  if (target === "") throw refuse("its target is empty");
  if (target.includes("\0")) throw refuse("its target contains a NUL byte");
  if (target.startsWith("/")) throw refuse(`its target ${JSON.stringify(target)} is absolute`);
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const ups = parts.findIndex((part) => part !== "..");
  const leadingUps = ups < 0 ? parts.length : ups;
  const depth = path.split("/").length - 1;
  if (leadingUps > depth || parts.includes("..", leadingUps)) {
    throw refuse(`its target ${JSON.stringify(target)} may lead out`);
  }
}

/** Returns the path of the directory that contains `path`; "" for the target folder. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
