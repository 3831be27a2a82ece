// Translates errors of the system into plain words.

/** By errno (asm-generic/errno-base.h, errno.h): sentences without a full stop. */
const WORDS: Readonly<Record<number, string>> = {
  1: "the operation is not permitted",
  2: "there is no such file or folder",
  5: "the device failed (input/output error)",
  12: "there is not enough memory",
  13: "permission is denied",
  16: "it is in use",
  17: "it already exists",
  18: "it is on another file system",
  20: "a part of its path is not a folder",
  21: "it is a folder",
  22: "the name or value is not valid here",
  24: "too many files are open",
  23: "too many files are open on this machine",
  26: "it is a program that is running",
  27: "it would be too large",
  28: "the disk is full",
  30: "the file system is read-only",
  36: "the name is too long",
  39: "the folder is not empty",
  40: "there are too many levels of symbolic links",
  122: "the disk quota is used up",
};

/** Deno's format for errors of the system: `Permission denied (os error 13): rename 'a' -> 'b'`. */
const RAW = /^([^]*?) \(os error (\d+)\)(?:: ([a-z]+)(?: '([^]*?)'(?: -> '([^]*)')?)?)?$/;

/** Plain words for Deno's names of operations. */
const ACTIONS: Readonly<Record<string, string>> = {
  chmod: "set the mode of",
  chown: "set the owner of",
  lstat: "access",
  mkdir: "make the folder",
  readdir: "list",
  readfile: "read",
  readlink: "read the link",
  realpath: "find",
  stat: "access",
  tmpfile: "make a file",
  tmpdir: "make a folder",
  utime: "set the times of",
  writefile: "write",
};

/** Returns the reason of a system error without its path; of any other error its message. */
export function faultOf(error: unknown): string {
  const raw = rawOf(error);
  return raw === undefined ? messageOfAny(error) : raw.reason;
}

/** Returns why a folder cannot be entered. */
export function folderFault(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such folder";
  if (error instanceof Deno.errors.NotADirectory) return "it is not a folder";
  if (error instanceof Deno.errors.PermissionDenied) return "there is no permission to enter it";
  return faultOf(error);
}

/**
 * Describes an error of the system with its path, if Deno gives one: `cannot open "x": permission
 * is denied`. Returns the message of any other error.
 */
export function explainFault(error: unknown): string {
  const raw = rawOf(error);
  if (raw === undefined) return messageOfAny(error);
  const { reason, action, path, target } = raw;
  if (action === undefined) return reason;
  const places = [path, target].filter((place) => place !== undefined).map((place) =>
    JSON.stringify(place)
  );
  return `cannot ${[ACTIONS[action] ?? action, places.join(" to ")].join(" ").trim()}: ${reason}`;
}

/** ENOSPC, EDQUOT, EFBIG: errors of writes only. */
const FULL = /\(os error (28|122|27)\)$/;

/**
 * Adds the path to the error of a full disk, which Deno reports without one: `cannot write X: the
 * disk is full`. Returns any other error unchanged.
 *
 * @param what the file that was written, such as a quoted path
 */
export function whereFull(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || !FULL.test(error.message)) return error;
  return new Error(`cannot write ${what}: ${faultOf(error)}`, { cause: error });
}

function rawOf(error: unknown) {
  if (!(error instanceof Error)) return undefined;
  const [, said, number, action, path, target] = RAW.exec(error.message) ?? [];
  if (said === undefined) return undefined;
  return { reason: WORDS[Number(number)] ?? said, action, path, target };
}

function messageOfAny(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
