// Where the options of execvm end: at the first word that is none, where what follows is the argv of somebody else.

import type { Command, RouteMap } from "npm:@stricli/core@1.3.0";
import type { CliContext } from "../frame/context.ts";
import { kebabCase, optionsOf, type RouteOption, targetOf } from "./routes.ts";

/** Subcommands that start a program with arguments of its own. */
const STARTERS = ["run", "code"] as const;

/** Whether its options end at the first word that is none, as those of docker and ssh do. */
export function endsAtFirstWord(root: RouteMap<CliContext>, command: Command<CliContext>): boolean {
  return STARTERS.some((name) => targetOf(root, [name]) === command);
}

/**
 * The words of a command line with a `--` before the first one that is no option, where there is none yet; a `--`
 * between the file of `execvm code` and its arguments is taken out. Others are as they were.
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

/** The index of the first word that is neither an option nor the value of one; undefined if `--` comes before. */
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

/** The option of a word without a value in it, by any of its names: `-r`, `--root-write`, `--rootWrite`. */
export function optionOf(options: readonly RouteOption[], word: string): RouteOption | undefined {
  return options.find(({ long, short }) => word === short || kebabCase(word) === long);
}
