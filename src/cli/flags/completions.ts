// The completion hooks of flags and arguments; each loads what it needs only when it is called.

import type { Named } from "../../runners/contract/option_spec.ts";
import type { CliContext } from "../frame/context.ts";

/**
 * Returns all possible values of a word; the caller filters them by `partial`, which may narrow the
 * search.
 */
export type Completions = (
  this: CliContext,
  partial: string,
) => readonly string[] | Promise<readonly string[]>;

/**
 * Marks a value that is a file: the shell completes it. Compared by identity and never called for
 * values.
 */
export function fileCompletions(): readonly string[] {
  return [];
}

/** Marks a value that is a folder, as {@linkcode fileCompletions} does for files. */
export function folderCompletions(): readonly string[] {
  return [];
}

/**
 * Marks a command of this machine with its arguments, as {@linkcode fileCompletions} does for
 * files.
 */
export function commandCompletions(): readonly string[] {
  return [];
}

/** Returns the prepared images, by the names that `image list` shows. */
export async function imageCompletions(): Promise<readonly string[]> {
  return (await candidates()).imageNames();
}

/**
 * Returns the prepared images, for a value that may be a file too: if no image matches, the shell
 * completes it as {@linkcode fileCompletions} does.
 */
export async function rootCompletions(): Promise<readonly string[]> {
  return (await candidates()).imageNames();
}

/** Returns the templates, by the names that `template list` shows. */
export async function templateCompletions(): Promise<readonly string[]> {
  return (await candidates()).templateNames();
}

/** Returns the kernels in the cache, by their release or name. */
export async function kernelCompletions(partial: string): Promise<readonly string[]> {
  return await (await candidates()).kernelNames(partial);
}

/** As {@linkcode kernelCompletions}, for a value that may be a file too. */
export async function kernelFileCompletions(partial: string): Promise<readonly string[]> {
  return await kernelCompletions(partial);
}

/** Returns the kinds of runners, or the targets of one after its colon. */
export async function runnerCompletions(partial: string): Promise<readonly string[]> {
  return await (await candidates()).runnerWords(partial);
}

/** Returns the completion hook for names of this kind. */
export function completionsOf(named: Named): Completions {
  if (named === "file") return fileCompletions;
  if (named === "folder") return folderCompletions;
  if (named === "root") return rootCompletions;
  if (named === "kernel") return kernelFileCompletions;
  return async () => await (await candidates()).namesOf(named);
}

/** Returns a completion hook that offers these words. */
export function wordCompletions(words: readonly string[]): Completions {
  return () => words;
}

function candidates() {
  return import("./candidates.ts");
}
