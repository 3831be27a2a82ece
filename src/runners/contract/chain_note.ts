// Reports which command of a chain runs, so that an error can name the one that failed. The chain
// writes the number of each command before it starts it, to a file or as a marked line on stderr
// that a relay filters out; the last number counts.

import { saidMark } from "./said_mark.ts";

/**
 * Where the chain reports: a file on the computer that runs it, or lines on stderr marked with a
 * token.
 */
export type ChainNote = { readonly path: string } | { readonly token: string };

/**
 * The environment variable that holds the note for an execvm that runs a chain, which removes it at
 * once.
 */
export const CHAIN_NOTE_VARIABLE = "EXECVM_CHAIN_NOTE";

/**
 * Returns the variables that pass the note to an execvm that runs a chain; older versions ignore
 * them.
 */
export function noteVariables(note: ChainNote | undefined): Readonly<Record<string, string>> {
  if (note === undefined) return {};
  return { [CHAIN_NOTE_VARIABLE]: "path" in note ? note.path : `:${note.token}` };
}

/** Returns the note in our environment and removes it there, so that commands do not inherit it. */
export function takeNote(): ChainNote | undefined {
  const value = Deno.env.get(CHAIN_NOTE_VARIABLE);
  if (value === undefined) return undefined;
  Deno.env.delete(CHAIN_NOTE_VARIABLE);
  return value.startsWith(":") ? { token: value.slice(1) } : { path: value };
}

/**
 * Reports that a command is about to run. A failure to write is ignored: the command runs all the
 * same.
 *
 * @param link the number of the command, from 1 on
 */
export function tellLink(note: ChainNote | undefined, link: number): void {
  if (note === undefined) return;
  try {
    if ("path" in note) Deno.writeTextFileSync(note.path, `${link}\n`, { mode: 0o600 });
    else Deno.stderr.writeSync(new TextEncoder().encode(`${saidMark(note.token)}${link}\n`));
  } catch {
    // an error will then not name the command
  }
}

/** Parses what the chain reported; without a valid number the result is empty. */
export function readLink(told: string | undefined): { readonly link?: number } {
  const link = /^[1-9]\d*$/.test(told?.trim() ?? "") ? Number(told) : undefined;
  return link === undefined ? {} : { link };
}
