// The conformance table: the rules for every runner that runs commands.

import type { CopyOptions } from "../../mod.ts";
import { BYTE_ROWS } from "./byte_rows.ts";
import { HANDLE_ROWS } from "./handle_rows.ts";
import { COPY_ROWS } from "./copy_rows.ts";
import { LIFETIME_ROWS } from "./lifetime_rows.ts";
import { PIPE_ROWS } from "./pipe_rows.ts";
import type { Row, Subject } from "./row.ts";
import { needs } from "../support/tools.ts";
import { SIGNAL_ROWS } from "./signal_rows.ts";
import { STATUS_ROWS } from "./status_rows.ts";
import { VIEW_ROWS } from "./view_rows.ts";

/** All rows. Their commands are available in busybox. */
export const ROWS: readonly Row[] = [
  ...BYTE_ROWS,
  ...STATUS_ROWS,
  ...PIPE_ROWS,
  ...VIEW_ROWS,
  ...LIFETIME_ROWS,
  ...SIGNAL_ROWS,
  ...HANDLE_ROWS,
  ...COPY_ROWS,
];

/** The names of short rows that cover everything a guest does, for guests of other kinds. */
export const SHORT_ROWS: readonly string[] = [
  "stdout is exact for bytes 0 to 255",
  "stdin is exact for bytes 0 to 255",
  "stderr is apart from stdout",
  "the end of stdin ends cat",
  "stdin is empty without a source",
  "exit codes 0 to 255 are told as they are",
  "death by a signal is told as that signal",
  "a command that is not found gives 127",
  "a command that is not executable gives 126",
  "yes | head -1 ends, and that yes dies of SIGPIPE is no failure",
  "/dev/stdin can be opened again by its name",
  "/dev/stdout and /dev/stderr can be opened again by their names",
  "all of a chain reads on in the same stdin",
  "a chain that fails names the command, whichever it is, and says nothing else",
  "what all but the last of a chain print goes to the output, to stderr, or nowhere",
  "argv arrives word for word: spaces, quotes, newlines, empty strings, unicode",
  "argv that is not UTF-8 arrives byte for byte",
  "env arrives: spaces, newlines, =, unicode, empty values",
  "env that is not UTF-8 arrives byte for byte, beside what is",
  "cwd is where the command runs",
  "a terminal that was asked for is a real one",
  "an AbortSignal ends it within 2 s and leaves nothing behind",
];

/** The names of rows that hold also for commands that files are copied for. */
export const COPYING_ROWS: readonly string[] = [
  "stdin is exact for bytes 0 to 255",
  "stderr is apart from stdout",
  "death by a signal is told as that signal",
  "a command that is not found gives 127",
  "a command that is not executable gives 126",
  "yes | head -1 ends, and that yes dies of SIGPIPE is no failure",
  "a chain that fails names the command, whichever it is, and says nothing else",
  "env arrives: spaces, newlines, =, unicode, empty values",
  "cwd is where the command runs",
  "an AbortSignal ends it within 2 s and leaves nothing behind",
  "killing execvm with SIGKILL leaves no process and no file after 5 s",
];

/** A file to copy for these rows. */
export const COPIED: CopyOptions = { files: { "/tmp/execvm-test-copied": Uint8Array.of(1) } };

/**
 * Registers a test for each row of the table, or for each of the named ones.
 *
 * @throws {Error} if there is no row with one of the names.
 */
export function conformance(subject: Subject, names?: readonly string[]): void {
  for (const row of names?.map(rowOf) ?? ROWS) {
    const name = `${subject.name}: ${row.name}`;
    Deno.test({ ...needs(name, ...subject.needs ?? []), fn: () => row.check(subject) });
  }
}

function rowOf(name: string): Row {
  const row = ROWS.find((row) => row.name === name);
  if (row === undefined) throw new Error(`cannot test ${name}: there is no such row`);
  return row;
}
