// Finds programs of this machine without running them.

import { ownEnvironment } from "../libc/environment.ts";
import { hasBytes } from "../libc/word.ts";

/** The search path if PATH is not set. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** The folders of system programs, which are usually only in root's PATH. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/**
 * Finds a program by name in PATH, then in the folders of system programs; undefined if not found.
 */
export function programPath(name: string): string | undefined {
  if (name.includes("/")) return name;
  return findIn(foldersOfPath(), name) ?? findIn(SYSTEM_FOLDERS, name);
}

/**
 * Returns what to start a tool by: its name if it is in PATH, else its path in the folders of
 * system programs. A name that is not found is returned as it is, so that starting it reports the
 * error. Not for commands of users, which are looked up as in a shell.
 */
export function toolPath(name: string): string {
  if (name.includes("/") || findIn(foldersOfPath(), name) !== undefined) return name;
  return findIn(SYSTEM_FOLDERS, name) ?? name;
}

/** Returns an argv with its program replaced as by {@linkcode toolPath}. */
export function toolArgv<Argv extends readonly string[]>(argv: Argv): Argv {
  const [program, ...args] = argv;
  return program === undefined ? argv : [toolPath(program), ...args] as readonly string[] as Argv;
}

/** Returns PATH with the folders of system programs, for tools that look for those themselves. */
export function toolSearchPath(): string {
  return [...new Set([...foldersOfPath(), ...SYSTEM_FOLDERS])].join(":");
}

/** The folders of PATH, except those that are not UTF-8, which Deno cannot access. */
function foldersOfPath(): readonly string[] {
  const path = ownEnvironment()["PATH"] ?? DEFAULT_PATH;
  return path.split(":").filter((folder) => !hasBytes(folder)).map((folder) => folder || ".");
}

function findIn(folders: readonly string[], name: string): string | undefined {
  return folders.map((folder) => `${folder}/${name}`).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0o111) & 0o111) !== 0;
  } catch {
    return false;
  }
}
