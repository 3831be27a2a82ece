// Folders whose names need not be UTF-8, which Deno takes for others, or refuses.

import { cString } from "./c_string.ts";
import { SystemError } from "./errno.ts";
import { errno, findLibc, libc } from "./libc.ts";
import { decodeWord, hasBytes, showWord } from "./word.ts";

const F_OK = 0; // unistd.h
const PATH_MAX = 4096; // linux/limits.h

/** The folder that we are in. @throws {Error} if it is gone, or is not UTF-8 where there is no FFI. */
export function ownFolder(): string {
  const found = findLibc();
  const path = new Uint8Array(PATH_MAX);
  if (found === undefined || found.getcwd(path, BigInt(PATH_MAX)) === null) return Deno.cwd();
  return decodeWord(path.subarray(0, path.indexOf(0)));
}

/** Goes to a folder. @throws {Error} if that cannot be. */
export function enterFolder(path: string): void {
  if (!hasBytes(path)) return Deno.chdir(path);
  if (libc().chdir(cString(path)) < 0) throw new SystemError(errno(), `enter ${showWord(path)}`);
}

/** Whether a folder that is not UTF-8 is there, as far as it may be entered; needs FFI. */
export function isOddFolder(path: string): boolean {
  return libc().access(cString(`${path}/.`), F_OK) === 0;
}
