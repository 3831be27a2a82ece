// Where a chain tells which of its commands runs, so that one that fails can be named. It tells of each before
// it starts it, and the last word counts: to a file, or as marked lines on stderr that a relay takes out.

import { saidMark } from "./said_mark.ts";

/** Where: the path of a file on the computer of the chain, or the token of marked lines. */
export type ChainNote = { readonly path: string } | { readonly token: string };

/** The variable by which an execvm that runs a chain knows; it takes it out of the environment. */
export const CHAIN_NOTE_VARIABLE = "EXECVM_CHAIN_NOTE";

/** The variables for an execvm that runs a chain; an older one does not know them. */
export function noteVariables(note: ChainNote | undefined): Readonly<Record<string, string>> {
  if (note === undefined) return {};
  return { [CHAIN_NOTE_VARIABLE]: "path" in note ? note.path : `:${note.token}` };
}

/** The note of such a variable, which is not for the commands. */
export function takeNote(): ChainNote | undefined {
  const value = Deno.env.get(CHAIN_NOTE_VARIABLE);
  if (value === undefined) return undefined;
  Deno.env.delete(CHAIN_NOTE_VARIABLE);
  return value.startsWith(":") ? { token: value.slice(1) } : { path: value };
}

/** Tells that a command is about to run. That it cannot be told is no reason not to run it. */
export function tellLink(note: ChainNote | undefined, link: number): void {
  if (note === undefined) return;
  try {
    if ("path" in note) Deno.writeTextFileSync(note.path, `${link}\n`, { mode: 0o600 });
    else Deno.stderr.writeSync(new TextEncoder().encode(`${saidMark(note.token)}${link}\n`));
  } catch {
    // the failure is told without a name then
  }
}

/** The number in what was told, if there is one. */
export function readLink(told: string | undefined): { readonly link?: number } {
  const link = /^[1-9]\d*$/.test(told?.trim() ?? "") ? Number(told) : undefined;
  return link === undefined ? {} : { link };
}
