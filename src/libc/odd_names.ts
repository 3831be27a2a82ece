// Access to files whose names may not be UTF-8, which Deno refuses or confuses with others.
//
// Paths are words. One that is text is passed to Deno; without FFI only those are supported.

import { cString } from "./c_string.ts";
import { errnoOf } from "./errno.ts";
import { checked, Fd } from "./fd.ts";
import { errno, findLibc, libc } from "./libc.ts";
import { decodeWord, hasBytes, showWord } from "./word.ts";

// fcntl.h and sys/syscall.h; the records hold the values that depend on the architecture.
const O_RDONLY = 0;
const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
const O_NOFOLLOW: Readonly<Record<string, number>> = { x86_64: 0o400000, aarch64: 0o100000 };
const SYS_getdents64: Readonly<Record<string, bigint>> = { x86_64: 217n, aarch64: 61n };

// struct linux_dirent64 of include/linux/dirent.h.
const LENGTH_AT = 16;
const NAME_AT = 19;

const LIST_BYTES = 64 * 1024;
const PATH_MAX = 4096; // linux/limits.h
const XATTR_LIST_MAX = 65536; // linux/limits.h

/**
 * What Deno puts into names for bytes that are not UTF-8; a name of valid text may contain it too.
 */
const REPLACED = "\ufffd";

/** Returns the status of a file, not following a symlink. @throws {Error} if the system refuses. */
export function lstatWord(path: string): Deno.FileInfo {
  if (!hasBytes(path)) return Deno.lstatSync(path);
  return atTextPath(path, (text) => Deno.statSync(text));
}

/** Opens a file for reading; the caller closes it. @throws {Error} if the system refuses. */
export function openWord(path: string): Deno.FsFile {
  if (!hasBytes(path)) return Deno.openSync(path);
  return atTextPath(path, (text) => Deno.openSync(text));
}

/**
 * Lists the names in a folder as words, in no particular order. Without FFI they are what Deno
 * returns, with U+FFFD for bytes that are not UTF-8.
 *
 * @throws {Error} if the system refuses.
 */
export function namesIn(folder: string): string[] {
  if (!hasBytes(folder)) {
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    if (findLibc() === undefined || !names.some((name) => name.includes(REPLACED))) return names;
  }
  const action = `read ${showWord(folder)}`;
  using fd = Fd.own(checked(libc().open(cString(folder), O_RDONLY | O_CLOEXEC, 0), action));
  return [...listed(fd, action)].filter((name) => name !== "." && name !== "..");
}

/** Returns the target of a symlink, as a word. @throws {Error} if the system refuses. */
export function readLinkWord(path: string): string {
  if (findLibc() === undefined) return Deno.readLinkSync(path);
  const target = new Uint8Array(PATH_MAX);
  const length = libc().readlink(cString(path), target, BigInt(PATH_MAX));
  const count = checked(Number(length), `read the symlink ${showWord(path)}`);
  return decodeWord(target.subarray(0, count));
}

/**
 * Returns the extended attributes of a file, not following a symlink, sorted by name; none without
 * FFI or where the file system does not support them.
 *
 * @param isWanted selects attributes by name, such as `user.comment`
 * @throws {SystemError} if they cannot be read.
 */
export function xattrsOf(
  path: string,
  isWanted: (name: string) => boolean,
): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  if (findLibc() === undefined) return found;
  const file = cString(path);
  const list = new Uint8Array(XATTR_LIST_MAX);
  const listed = Number(libc().llistxattr(file, list, BigInt(list.length)));
  if (listed < 0 && errno() === errnoOf("EOPNOTSUPP")) return found;
  const count = checked(listed, `list the extended attributes of ${showWord(path)}`);
  const names = decodeWord(list.subarray(0, count)).split("\0").slice(0, -1);
  for (const name of names.filter(isWanted).sort()) {
    const length = Number(libc().lgetxattr(file, cString(name), list, BigInt(list.length)));
    found.set(name, list.slice(0, checked(length, `read ${name} of ${showWord(path)}`)));
  }
  return found;
}

/**
 * Calls `act` with a text path (`/proc/self/fd/N`) to the same file, which is valid during the
 * call.
 */
function atTextPath<T>(path: string, act: (text: string) => T): T {
  const flags = O_PATH | O_NOFOLLOW[Deno.build.arch]! | O_CLOEXEC;
  using fd = Fd.own(checked(libc().open(cString(path), flags, 0), `open ${showWord(path)}`));
  return act(`/proc/self/fd/${fd.number}`);
}

function* listed(fd: Fd, action: string): Generator<string> {
  const list = new Uint8Array(LIST_BYTES);
  const view = new DataView(list.buffer);
  const call = SYS_getdents64[Deno.build.arch]!;
  while (true) {
    const result = libc().syscall_getdents64(call, BigInt(fd.number), list, BigInt(LIST_BYTES));
    const count = checked(Number(result), action);
    if (count === 0) return;
    for (let at = 0; at < count; at += view.getUint16(at + LENGTH_AT, true)) {
      yield decodeWord(list.subarray(at + NAME_AT, list.indexOf(0, at + NAME_AT)));
    }
  }
}
