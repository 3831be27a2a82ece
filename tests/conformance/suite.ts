// The conformance table: what every runner that runs commands must do.

import { BYTE_ROWS } from "./byte_rows.ts";
import { LIFETIME_ROWS } from "./lifetime_rows.ts";
import { PIPE_ROWS } from "./pipe_rows.ts";
import type { Row, Subject } from "./row.ts";
import { needs } from "../support/tools.ts";
import { STATUS_ROWS } from "./status_rows.ts";
import { VIEW_ROWS } from "./view_rows.ts";

/** All rows. Their commands are such as busybox has. */
export const ROWS: readonly Row[] = [
  ...BYTE_ROWS,
  ...STATUS_ROWS,
  ...PIPE_ROWS,
  ...VIEW_ROWS,
  ...LIFETIME_ROWS,
];

/**
 * Registers a test for each row of the table, or for each that is named.
 *
 * @throws {Error} if there is no row of a name.
 */
export function conformance(subject: Subject, names?: readonly string[]): void {
  for (const row of names?.map(rowOf) ?? ROWS) {
    const reason = subject.skip?.[row.name];
    const name = `${subject.name}: ${row.name}`;
    if (reason !== undefined) Deno.test.ignore(`${name} (${reason})`, () => {});
    else Deno.test({ ...needs(name, ...subject.needs ?? []), fn: () => row.check(subject) });
  }
}

function rowOf(name: string): Row {
  const row = ROWS.find((row) => row.name === name);
  if (row === undefined) throw new Error(`Cannot test ${name} as there is no such row`);
  return row;
}
