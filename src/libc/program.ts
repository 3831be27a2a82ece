// Finds a program as a shell does: in PATH, unless there is a slash in its name.

import { cString } from "./c_string.ts";
import { errnoOf, SystemError } from "./errno.ts";
import { libc } from "./libc.ts";
import { namedInterpreter, scriptStart } from "./script.ts";
import { showWord } from "./word.ts";

// unistd.h
const F_OK = 0;
const X_OK = 1;
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** A command that cannot be run, with the exit code that a shell would report. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";

  /** @param code 127 if it was not found, 126 if it cannot be executed */
  constructor(message: string, readonly code: 126 | 127) {
    super(message);
  }
}

/**
 * Calls `start` with the file of a command, and with the next one in PATH if the system refuses to
 * execute that. A script without `#!` is run by /bin/sh.
 *
 * @param where `path` is the value of PATH; names are relative to `cwd`, or to our working
 * directory
 * @param start starts one file; throws a {@linkcode SystemError} if the system refuses
 * @returns what `start` returned
 * @throws {ProgramError} if there is no such command, or if it cannot be executed.
 */
export function withProgram<T>(
  argv: readonly string[],
  where: { path: string | undefined; cwd: string | undefined },
  start: (path: string, argv: readonly string[]) => T,
): T {
  const name = argv[0] ?? "";
  let refusal: SystemError | undefined;
  let incomplete: string | undefined;
  for (const path of candidates(name, where.path ?? DEFAULT_PATH)) {
    try {
      if (name.includes("/") || isExecutable(path, where.cwd)) {
        return startFile(path, argv, where.cwd, start);
      }
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (error.number === errnoOf("ENOENT") && isThere(path, where.cwd)) incomplete ??= path;
      if (!ABSENT.has(error.number)) refusal ??= error;
      if (!ABSENT.has(error.number) && error.number !== errnoOf("EACCES")) break;
    }
  }
  if (refusal !== undefined || incomplete === undefined) throw toProgramError(name, refusal);
  throw toIncompleteError(name, namedInterpreter(inFolder(incomplete, where.cwd)));
}

function startFile<T>(
  path: string,
  argv: readonly string[],
  cwd: string | undefined,
  start: (path: string, argv: readonly string[]) => T,
): T {
  try {
    return start(path, argv);
  } catch (error) {
    const isUnknown = error instanceof SystemError && error.number === errnoOf("ENOEXEC");
    const script = isUnknown ? scriptStart(path, cwd, argv.slice(1)) : undefined;
    if (script === undefined) throw error;
    try {
      return start(script.path, script.argv);
    } catch {
      throw error; // there is no shell
    }
  }
}

const ABSENT = new Set([errnoOf("ENOENT"), errnoOf("ENOTDIR")]);

function candidates(name: string, path: string): string[] {
  if (name === "") return [];
  if (name.includes("/")) return [name];
  return path.split(":").map((folder) => `${folder === "" ? "." : folder}/${name}`);
}

function inFolder(path: string, cwd: string | undefined): string {
  return path.startsWith("/") || cwd === undefined ? path : `${cwd}/${path}`;
}

function isExecutable(path: string, cwd: string | undefined): boolean {
  return libc().access(cString(inFolder(path, cwd)), X_OK) === 0;
}

function isThere(path: string, cwd: string | undefined): boolean {
  return libc().access(cString(inFolder(path, cwd)), F_OK) === 0;
}

/** Makes the error for a file that exists but whose loader, or script interpreter, does not. */
function toIncompleteError(name: string, interpreter: string | undefined): ProgramError {
  const program = interpreter === undefined
    ? "its loader"
    : `its interpreter ${showWord(interpreter)}`;
  return new ProgramError(`cannot run ${showWord(name)}: ${program} is not there`, 127);
}

/**
 * Makes the error for a command that could not be started.
 *
 * @param refusal the error of the system; `undefined` if no file was found
 */
export function toProgramError(name: string, refusal: Error | undefined): ProgramError {
  const quoted = showWord(name);
  if (refusal === undefined) {
    // Probably a line for a shell: nothing here splits it into words.
    const advice = /\s/.test(name) ? ": give its words one by one, or to a shell: sh -c" : "";
    return new ProgramError(`cannot run ${quoted}: there is no such command${advice}`, 127);
  }
  const reason = refusal.message.replace(/^.*: /s, "");
  return new ProgramError(`cannot run ${quoted}: it is not executable: ${reason}`, 126);
}
