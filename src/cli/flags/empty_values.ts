// An option whose value is empty, written with an equals sign: stricli takes it for a word that is no option.

import type { RouteMap } from "npm:@stricli/core@1.3.0";
import type { CliContext } from "../frame/context.ts";
import { UsageError } from "../../model/errors.ts";
import { endsAtFirstWord, optionOf } from "./end_of_options.ts";
import { optionsOf, type Target, targetOf } from "./routes.ts";

/**
 * The words of a command line with `--report=` as `--report ""`, where options can be.
 *
 * @throws {UsageError} if that option takes no value.
 */
export function splitEmptyValues(
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
    const name = nameOfEmpty(word);
    const option = optionOf(options, name ?? word);
    if (name !== undefined && option !== undefined && option.placeholder === undefined) {
      throw new UsageError(`Cannot take ${word} as ${name} is an option without a value`);
    }
    split.push(...(name === undefined ? [word] : [name, ""]));
    if (name !== undefined || option?.placeholder === undefined) continue;
    index += 1; // its value, whatever that looks like
    split.push(...args.slice(index, index + 1));
  }
  return split;
}

/** `--report` of `--report=`. */
function nameOfEmpty(word: string): string | undefined {
  return word.indexOf("=") === word.length - 1 ? word.slice(0, -1) : undefined;
}

/** How many words name the subcommand, and what they name. */
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
