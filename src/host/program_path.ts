// Where a program of this machine is, without running it.

import { ownEnvironment } from "../libc/environment.ts";
import { hasBytes } from "../libc/word.ts";

/** Where programs are looked for when PATH says nothing. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Where those of root are, which PATH has only for root. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The path of a program by its name, as PATH says, else where those of root are; undefined if there is none. */
export function programPath(name: string): string | undefined {
  if (name.includes("/")) return name;
  return findIn(foldersOfPath(), name) ?? findIn(SYSTEM_FOLDERS, name);
}

/**
 * What to start a tool by: its name if PATH has it, else its path where those of root are. A name that is nowhere
 * stays, so that who starts it says so. Not for commands of users, which are looked up as a shell does.
 */
export function toolPath(name: string): string {
  if (name.includes("/") || findIn(foldersOfPath(), name) !== undefined) return name;
  return findIn(SYSTEM_FOLDERS, name) ?? name;
}

/** An argv of a tool, to start it by. */
export function toolArgv<Argv extends readonly string[]>(argv: Argv): Argv {
  const [program, ...args] = argv;
  return program === undefined ? argv : [toolPath(program), ...args] as readonly string[] as Argv;
}

/** PATH with the folders of root, for tools that look for such programs themselves. */
export function toolSearchPath(): string {
  return [...new Set([...foldersOfPath(), ...SYSTEM_FOLDERS])].join(":");
}

/** The folders of PATH, less those that are not UTF-8, in which Deno cannot look. */
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
