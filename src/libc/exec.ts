// Replaces this process by another program: execve(2) from within Deno.

import { cString, cStringArray } from "./c_string.ts";
import { SystemError } from "./errno.ts";
import { errno, libc } from "./libc.ts";
import { restoreFileLimit } from "./rlimit.ts";
import { signalNumber } from "./signals.ts";
import { showWord } from "./word.ts";

const SIG_DFL = 0n; // asm-generic/signal-defs.h
const SIG_IGN = 1n;

/**
 * The program to become. `path` is a file, not looked up in PATH; `environment` is the complete
 * environment, as `NAME=value` strings.
 */
export interface ExecRequest {
  readonly path: string;
  readonly argv: readonly string[];
  readonly environment: readonly string[];
}

/**
 * Replaces this process by another program, with the same pid and stdio. SIGPIPE is reset to its
 * default and the limit of open files to the user's. Returns only by throwing.
 *
 * @throws {SystemError} if it cannot be started: ENOENT, EACCES, ENOEXEC, E2BIG and so on.
 * @throws {TypeError} if a string contains a NUL.
 */
export function exec({ path, argv, environment }: ExecRequest): never {
  const file = cString(path);
  const [words, variables] = [cStringArray(argv), cStringArray(environment)];
  using _limit = restoreFileLimit();
  const sigpipe = signalNumber("SIGPIPE");
  libc().signal(sigpipe, SIG_DFL);
  libc().execve(file, words.pointers, variables.pointers);
  const number = errno();
  libc().signal(sigpipe, SIG_IGN);
  throw new SystemError(number, `start ${showWord(argv[0]!)}`);
}
