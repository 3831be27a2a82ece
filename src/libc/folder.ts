// The working directory and folders whose names may not be UTF-8: Deno refuses or confuses those.

import { cString } from "./c_string.ts";
import { SystemError } from "./errno.ts";
import { errno, findLibc, libc } from "./libc.ts";
import { decodeWord, hasBytes, showWord } from "./word.ts";

const F_OK = 0; // unistd.h
const PATH_MAX = 4096; // linux/limits.h

/**
 * Returns the working directory of this process, as a word.
 *
 * @throws {Error} if it has been removed, or if it is not UTF-8 and there is no FFI.
 */
export function ownFolder(): string {
  const found = findLibc();
  const path = new Uint8Array(PATH_MAX);
  if (found === undefined || found.getcwd(path, BigInt(PATH_MAX)) === null) return Deno.cwd();
  return decodeWord(path.subarray(0, path.indexOf(0)));
}

/** Changes the working directory. @throws {Error} if the folder cannot be entered. */
export function enterFolder(path: string): void {
  if (!hasBytes(path)) return Deno.chdir(path);
  if (libc().chdir(cString(path)) < 0) throw new SystemError(errno(), `enter ${showWord(path)}`);
}

/** Whether a folder whose path is not UTF-8 exists and may be entered; needs FFI. */
export function isOddFolder(path: string): boolean {
  return libc().access(cString(`${path}/.`), F_OK) === 0;
}
