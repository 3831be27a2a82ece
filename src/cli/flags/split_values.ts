// Splits `--name=VALUE` where stricli 1.3.0 does not: its pattern is `--name=(.+)`, so it takes a
// word with an empty value, or with one of several lines, for an argument.

import type { RouteMap } from "npm:@stricli/core@1.3.0";
import type { CliContext } from "../frame/context.ts";
import { UsageError } from "../../model/errors.ts";
import { endsAtFirstWord, optionOf } from "./end_of_options.ts";
import { optionsOf, type Target, targetOf } from "./routes.ts";

const NAMED = /^(--?[a-z][a-z-.\d_]*)=([^]*)$/i;
const SEEN = /^.+$/;

/**
 * Rewrites options such as `--report=` as `--report ""`, where options are possible; other words
 * stay unchanged.
 *
 * @throws {UsageError} if such an option takes no value.
 */
export function splitValues(
  root: RouteMap<CliContext>,
  args: readonly string[],
): readonly string[] {
  const [route, target] = routeOf(root, args);
  if ("getAllEntries" in target) return args;
  const options = optionsOf(target);
  const split = args.slice(0, route);
  for (let index = route; index < args.length; index++) {
    const word = args[index]!;
    const isOption = word.startsWith("-") && word !== "-";
    if (word === "--" || !isOption && endsAtFirstWord(root, target)) {
      return [...split, ...args.slice(index)];
    }
    const [name, value] = unseenValue(word) ?? [word, undefined];
    const option = optionOf(options, name);
    if (value !== undefined && option !== undefined && option.placeholder === undefined) {
      throw new UsageError(`cannot take ${word}: ${name} is an option without a value`);
    }
    split.push(...(value === undefined ? [word] : [name, value]));
    if (value !== undefined || option?.placeholder === undefined) continue;
    index += 1; // its value, whatever that looks like
    split.push(...args.slice(index, index + 1));
  }
  return split;
}

/** The name and value of a word such as `--report=`; undefined if stricli splits it itself. */
function unseenValue(word: string): readonly [string, string] | undefined {
  const [, name = "", value = ""] = NAMED.exec(word) ?? [];
  return name === "" || SEEN.test(value) ? undefined : [name, value];
}

/** The number of words that name the subcommand, and the subcommand. */
function routeOf(root: RouteMap<CliContext>, args: readonly string[]): readonly [number, Target] {
  let target: Target = root;
  for (const [index, word] of args.entries()) {
    const next: Target | undefined = "getAllEntries" in target
      ? targetOf(target, [word])
      : undefined;
    if (next === undefined) return [index, target];
    target = next;
  }
  return [args.length, target];
}
