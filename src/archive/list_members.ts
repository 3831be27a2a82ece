/** Walks what is to be packed: each path itself, then the content of directories, sorted by name. */
import { findLibc } from "../libc/libc.ts";
import { lstatWord, namesIn } from "../libc/odd_names.ts";
import { showWord } from "../libc/word.ts";
import { ArchiveError } from "./archive_error.ts";

/** Something on disk that becomes one entry. */
export interface Member {
  /** Where it is, a word as `name` is: see `decodeName`. */
  readonly path: string;
  /** What it is called in the archive; a directory ends with a slash. */
  readonly name: string;
  readonly stat: Deno.FileInfo;
}

/**
 * `path` and all below it, each looked at only when it is asked for. Sockets are left out, as GNU
 * tar does: there is nothing to restore them from.
 *
 * @throws {ArchiveError} if something is missing or cannot be looked at
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
 * The name that GNU tar gives to a path: without leading slashes, and without all up to a last
 * `..`, so that it stays below the folder it is unpacked in.
 */
export function memberName(path: string): string {
  const parts = path.split("/");
  const name = parts.slice(parts.lastIndexOf("..") + 1).filter((part) => part !== "").join("/");
  return name === "" ? "." : name;
}

/** Where `path` is, taken from `directory` as `tar -C` does. */
export function memberPath(path: string, directory: string | undefined): string {
  return directory === undefined || path.startsWith("/") ? path : `${directory}/${path}`;
}

/**
 * Does `look`, and names the path if that fails.
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

/** The failure to read what is to be packed. */
export function unreadable(path: string, cause: unknown): ArchiveError {
  const reason = isLossy(path, cause)
    ? "its name is not UTF-8, and without FFI no such names are read; GNU tar does"
    : cause instanceof Error
    ? cause.message
    : String(cause);
  return new ArchiveError(
    `Cannot pack ${showWord(path)} as what is packed must be readable: ${reason}`,
    { cause },
  );
}

/** Whether a name is not there as the runtime has put U+FFFD for what is not UTF-8. */
function isLossy(path: string, cause: unknown): boolean {
  const isRead = findLibc() !== undefined;
  return !isRead && path.includes("\ufffd") && cause instanceof Deno.errors.NotFound;
}

function sortedNames(path: string): string[] {
  return packing(path, () => namesIn(path)).sort();
}
