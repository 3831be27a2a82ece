// Finds where the options of execvm end: at the first word that is not an option, for subcommands
// whose arguments are the argv of another program.

import type { Command, RouteMap } from "npm:@stricli/core@1.3.0";
import type { CliContext } from "../frame/context.ts";
import { kebabCase, optionsOf, type RouteOption, targetOf } from "./routes.ts";

/** Subcommands that start a program with its own arguments. */
const STARTERS = ["run", "code"] as const;

/**
 * Whether the options of a subcommand end at the first word that is not one, as those of docker and
 * ssh do.
 */
export function endsAtFirstWord(root: RouteMap<CliContext>, command: Command<CliContext>): boolean {
  return STARTERS.some((name) => targetOf(root, [name]) === command);
}

/**
 * Inserts a `--` before the first word that is not an option, unless there is one already, and
 * removes a `--` between the file of `execvm code` and its arguments. Command lines of other
 * subcommands are returned unchanged.
 */
export function endOptions(root: RouteMap<CliContext>, args: readonly string[]): readonly string[] {
  const [name, ...words] = args;
  const target = STARTERS.some((starter) => starter === name) && targetOf(root, [name!]);
  if (!target || "getAllEntries" in target) return args;
  const first = firstWord(optionsOf(target), words);
  if (first === undefined) return args;
  const [word, ...rest] = words.slice(first);
  const own = name === "code" && rest[0] === "--" ? rest.slice(1) : rest;
  return [name!, ...words.slice(0, first), "--", word!, ...own];
}

/**
 * Returns the index of the first word that is neither an option nor its value; undefined if `--`
 * comes before.
 */
export function firstWord(
  options: readonly RouteOption[],
  words: readonly string[],
): number | undefined {
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (word === "--") return undefined;
    if (!word.startsWith("-") || word === "-") return index;
    if (takesNext(options, word)) index += 1;
  }
  return undefined;
}

/** Whether the next word is the value of an option. */
export function takesNext(options: readonly RouteOption[], word: string): boolean {
  return optionOf(options, word)?.placeholder !== undefined;
}

/**
 * Finds an option by any of its names: `-r`, `--root-write`, `--rootWrite`.
 *
 * @param word without `=VALUE`
 */
export function optionOf(options: readonly RouteOption[], word: string): RouteOption | undefined {
  return options.find(({ long, short }) => word === short || kebabCase(word) === long);
}
