/** Decides where a tar entry may be unpacked: always below the folder, whatever the archive says. */
import { ArchiveError } from "./archive_error.ts";

/**
 * The path of an entry relative to the folder, without `.` and empty parts; empty for the folder.
 *
 * @param action what is done to `name`, for the message
 * @throws {ArchiveError} if the name is empty, absolute, or has a NUL or a `..` in it
 */
export function entryPath(name: string, action = "unpack"): string {
  const refuse = (fact: string) =>
    new ArchiveError(
      `Cannot ${action} ${JSON.stringify(name)} as an entry must stay below its folder: ${fact}`,
    );
  if (name === "") throw refuse("its name is empty");
  if (name.includes("\0")) throw refuse("its name has a NUL byte");
  if (name.startsWith("/")) throw refuse("its name is absolute");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refuse(`its name has ".." in it`);
  return parts.join("/");
}

/**
 * Lets a symlink pass only if it cannot lead out of the folder, alone or in a chain of others.
 *
 * `..` may only come first, where it goes up from the real directory of the link; behind a name it
 * could go up from wherever another symlink leads.
 *
 * @param path where the link is, as `entryPath` gives it; its parents must be real directories
 * @throws {ArchiveError} if the target is empty, absolute, goes too far up, or has a NUL in it
 */
export function checkSymlink(path: string, target: string): void {
  const refuse = (fact: string) =>
    new ArchiveError(
      `Cannot unpack ${JSON.stringify(path)} as a symlink must stay below the folder: ${fact}`,
    );
  if (target === "") throw refuse("its target is empty");
  if (target.includes("\0")) throw refuse("its target has a NUL byte");
  if (target.startsWith("/")) throw refuse(`its target ${JSON.stringify(target)} is absolute`);
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const ups = parts.findIndex((part) => part !== "..");
  const leadingUps = ups < 0 ? parts.length : ups;
  const depth = path.split("/").length - 1;
  if (leadingUps > depth || parts.includes("..", leadingUps)) {
    throw refuse(`its target ${JSON.stringify(target)} may lead out`);
  }
}

/** The path of the directory that holds `path`; empty for the folder itself. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
