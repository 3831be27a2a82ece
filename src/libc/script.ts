// Scripts without `#!`, which the kernel does not start (ENOEXEC): shells, and execvp(3) and so env(1) and
// timeout(1), have /bin/sh run them.

import { openForReading } from "./fd.ts";
import { libc } from "./libc.ts";
import { decodeWord } from "./word.ts";

/** Bytes that are looked at; bash looks at 80. */
const SAMPLE_BYTES = 256;

const SHELL = "/bin/sh";
const NEWLINE = 0x0a;

/** What is to be started in place of a file. */
export interface ScriptStart {
  readonly path: string;
  readonly argv: readonly string[];
}

/**
 * What runs a file that the kernel does not start, as a script of /bin/sh: one that is empty, too.
 *
 * @param path as the command sees it @param from the folder that it counts from
 * @param args after its name
 * @returns `undefined` if it is none, as there is a NUL in its first line, such as in a program of another
 * architecture: so dash and bash decide; or if it cannot be read
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
 * What is to run a file according to the file: the word after `#!` of a script, with the CR that ends a line on
 * Windows; `undefined` if it is none, such as an executable, which names its loader; or if it cannot be read.
 */
export function namedInterpreter(path: string): string | undefined {
  const line = firstLine(path);
  if (line === undefined) return undefined;
  return /^#![ \t]*([^ \t]+)/.exec(decodeWord(line))?.[1];
}

function isText(path: string): boolean {
  return firstLine(path)?.includes(0) === false;
}

/** The first line of a file, as far as it is looked at; `undefined` if it cannot be read. */
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
