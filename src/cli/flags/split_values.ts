// Values behind `=` that stricli 1.3.0 does not see, as its pattern is `--name=(.+)`: empty ones, and those of several
// lines. It would take the whole word for an argument.

import type { RouteMap } from "npm:@stricli/core@1.3.0";
import type { CliContext } from "../frame/context.ts";
import { takesNext } from "./end_of_options.ts";
import { optionsOf, type RouteOption, type Target } from "./routes.ts";

const NAMED = /^(--?[a-z][a-z-.\d_]*)=([^]*)$/i;
const SEEN = /^.+$/;

/** The words of a command line, with each such option and its value as two of them; others are as they were. */
export function splitValues(
  root: RouteMap<CliContext>,
  args: readonly string[],
): readonly string[] {
  const { options, start } = commandOf(root, args);
  const words = args.slice(0, start);
  for (let index = start; index < args.length; index++) {
    const word = args[index]!;
    if (word === "--") return [...words, ...args.slice(index)];
    words.push(...splitWord(options, word));
    if (takesNext(options, word) && index + 1 < args.length) words.push(args[++index]!);
  }
  return words;
}

function splitWord(options: readonly RouteOption[], word: string): readonly string[] {
  const [, name = "", value = ""] = NAMED.exec(word) ?? [];
  return name === "" || SEEN.test(value) || !takesNext(options, name) ? [word] : [name, value];
}

/** The options of the subcommand that the first words name, and where what follows it starts. */
function commandOf(root: RouteMap<CliContext>, args: readonly string[]) {
  let target: Target | undefined = root;
  let start = 0;
  while (target !== undefined && "getAllEntries" in target && start < args.length) {
    target = target.getRoutingTargetForInput(args[start++]!);
  }
  const isCommand = target !== undefined && !("getAllEntries" in target);
  return {
    options: isCommand ? optionsOf(target as Exclude<Target, RouteMap<CliContext>>) : [],
    start,
  };
}
