/** Walks the files to pack: each path itself, then the content of directories, sorted by name. */
import { findLibc } from "../libc/libc.ts";
import { lstatWord, namesIn } from "../libc/odd_names.ts";
import { showWord } from "../libc/word.ts";
import { ArchiveError } from "./archive_error.ts";

/** A file on disk that becomes one entry. */
export interface Member {
  /** Its path on disk; like `name` as `decodeName` returns it. */
  readonly path: string;
  /** Its name in the archive; that of a directory ends with a slash. */
  readonly name: string;
  readonly stat: Deno.FileInfo;
}

/**
 * Yields `path` and everything below it, reading the disk only as members are requested. Sockets
 * are left out, as by GNU tar: an archive cannot represent them.
 *
 * @param name of `path` in the archive
 * @throws {ArchiveError} if a file is missing or its status cannot be read
 */
export function* listMembers(path: string, name: string): Generator<Member> {
  const stat = packing(path, () => lstatWord(path));
  if (stat.isSocket) return;
  if (!stat.isDirectory) return yield { path, name, stat };
  const prefix = name.endsWith("/") ? name : `${name}/`;
  yield { path, name: prefix, stat };
  const parent = path.endsWith("/") ? path : `${path}/`;
  for (const child of sortedNames(path)) yield* listMembers(parent + child, prefix + child);
}

/**
 * Returns the name that GNU tar gives to a path: without leading slashes and without everything up
 * to the last `..`, so that it stays below the folder it is unpacked in.
 */
export function memberName(path: string): string {
  const parts = path.split("/");
  const name = parts.slice(parts.lastIndexOf("..") + 1).filter((part) => part !== "").join("/");
  return name === "" ? "." : name;
}

/** Resolves `path` relative to `directory`, as `tar -C` does. */
export function memberPath(path: string, directory: string | undefined): string {
  return directory === undefined || path.startsWith("/") ? path : `${directory}/${path}`;
}

/**
 * Calls `look` and returns its result, with errors that name the path.
 *
 * @throws {ArchiveError} if `look` throws
 */
export function packing<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Makes the error for a file to pack that cannot be read. */
export function unreadable(path: string, cause: unknown): ArchiveError {
  const reason = isLossy(path, cause)
    ? "its name is not UTF-8, which needs FFI: use GNU tar"
    : cause instanceof Error
    ? cause.message
    : String(cause);
  return new ArchiveError(
    `cannot pack ${showWord(path)}: what is packed must be readable: ${reason}`,
    { cause },
  );
}

/** Whether a file was not found because Deno replaced bytes of its name by U+FFFD. */
function isLossy(path: string, cause: unknown): boolean {
  const isRead = findLibc() !== undefined;
  return !isRead && path.includes("\ufffd") && cause instanceof Deno.errors.NotFound;
}

function sortedNames(path: string): string[] {
  return packing(path, () => namesIn(path)).sort();
}
