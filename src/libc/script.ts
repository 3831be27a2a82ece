// Starts scripts without `#!`, which the kernel refuses with ENOEXEC, by /bin/sh.
//
// Shells do the same, and so does execvp(3), which env(1) and timeout(1) use.

import { openForReading } from "./fd.ts";
import { libc } from "./libc.ts";
import { decodeWord } from "./word.ts";

/** Bytes of a file that are inspected; bash inspects 80. */
const SAMPLE_BYTES = 256;

const SHELL = "/bin/sh";
const NEWLINE = 0x0a;

/** The program to start in place of a script. */
export interface ScriptStart {
  readonly path: string;
  readonly argv: readonly string[];
}

/**
 * Returns the argv that runs a file as a script of /bin/sh. An empty file is a script too.
 *
 * @param path as the command was given it @param from the folder that `path` is relative to
 * @param args the arguments after the name
 * @returns `undefined` if the file cannot be read, or is not a script because there is a NUL in its
 * first line, as in a program of another architecture (dash and bash apply the same rule)
 */
export function scriptStart(
  path: string,
  from: string | undefined,
  args: readonly string[],
): ScriptStart | undefined {
  if (!isText(path.startsWith("/") || from === undefined ? path : `${from}/${path}`)) {
    return undefined;
  }
  const operand = /^[-+]/.test(path) ? `./${path}` : path; // or it would be an option
  return { path: SHELL, argv: [SHELL, operand, ...args] };
}

/**
 * Returns the interpreter that a script names after `#!`, with a trailing CR if its lines end as on
 * Windows; `undefined` if the file cannot be read or has no `#!`, as an ELF executable.
 */
export function namedInterpreter(path: string): string | undefined {
  const line = firstLine(path);
  if (line === undefined) return undefined;
  return /^#![ \t]*([^ \t]+)/.exec(decodeWord(line))?.[1];
}

function isText(path: string): boolean {
  return firstLine(path)?.includes(0) === false;
}

/** The first line of a file, at most {@linkcode SAMPLE_BYTES}; `undefined` if it cannot be read. */
function firstLine(path: string): Uint8Array | undefined {
  try {
    using file = openForReading(path);
    const sample = new Uint8Array(SAMPLE_BYTES);
    const length = Number(libc().read(file.number, sample, BigInt(SAMPLE_BYTES)));
    if (length < 0) return undefined;
    const newline = sample.indexOf(NEWLINE);
    return sample.subarray(0, newline < 0 ? length : newline);
  } catch {
    return undefined;
  }
}
