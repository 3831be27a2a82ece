// What a shell can complete in a command line: stricli's hooks for it, which load what they need when asked.

import type { Named } from "../../runners/contract/option_spec.ts";
import type { CliContext } from "../frame/context.ts";

/** All values that a word may become, whatever it begins with; `partial` only tells what is looked for. */
export type Completions = (
  this: CliContext,
  partial: string,
) => readonly string[] | Promise<readonly string[]>;

/** Files and folders: the shell itself knows them best, so that this one is known by its identity. */
export function fileCompletions(): readonly string[] {
  return [];
}

/** Folders, likewise. */
export function folderCompletions(): readonly string[] {
  return [];
}

/** A command of this machine with its arguments, likewise. */
export function commandCompletions(): readonly string[] {
  return [];
}

/** Prepared images, by the names that lists show. */
export async function imageCompletions(): Promise<readonly string[]> {
  return (await candidates()).imageNames();
}

/** Templates, likewise. */
export async function templateCompletions(): Promise<readonly string[]> {
  return (await candidates()).templateNames();
}

/** Versions of kernels in the cache. */
export async function kernelCompletions(): Promise<readonly string[]> {
  return await (await candidates()).kernelVersions();
}

/** Kinds of runners, and behind a colon what they take there. */
export async function runnerCompletions(partial: string): Promise<readonly string[]> {
  return await (await candidates()).runnerWords(partial);
}

/** What is there of a kind of things. */
export function completionsOf(named: Named): Completions {
  if (named === "file") return fileCompletions;
  if (named === "folder") return folderCompletions;
  return async () => await (await candidates()).namesOf(named);
}

/** Words that are known. */
export function wordCompletions(words: readonly string[]): Completions {
  return () => words;
}

function candidates() {
  return import("./candidates.ts");
}
