// Reads the subcommands and their options from stricli's data, as they are written on the command
// line.

import type { Command, RouteMap } from "npm:@stricli/core@1.3.0";
import type { CliContext } from "../frame/context.ts";
import type { Completions } from "./completions.ts";

/** A subcommand, or a group of subcommands. */
export type Target = Command<CliContext> | RouteMap<CliContext>;

/** An option as it is written on the command line. */
export interface RouteOption {
  /** The name of its flag, in camelCase. */
  readonly flag: string;
  /** Such as `--memory`, or `--no-template` for one that is on by default. */
  readonly long: string;
  /** Such as `-r`. */
  readonly short?: string;
  /** The placeholder of its value, if it takes one. */
  readonly placeholder?: string;
  readonly brief: string;
  /** The completion hook of its value. */
  readonly completions?: Completions;
}

/** Returns the options of a subcommand, in the order in which they are declared. */
export function optionsOf({ parameters }: Command<CliContext>): readonly RouteOption[] {
  const letters = Object.entries(parameters.aliases ?? {});
  return Object.entries(parameters.flags ?? {}).map(([flag, parameter]) => {
    const letter = letters.find(([, name]) => name === flag)?.[0];
    const isOn = parameter.kind === "boolean" && parameter.withNegated === true;
    return {
      flag,
      long: `--${isOn ? "no-" : ""}${kebabCase(flag)}`,
      brief: parameter.brief,
      ...(letter !== undefined && { short: `-${letter}` }),
      ...valueOf(parameter),
    };
  });
}

/** Finds a subcommand by its words, such as `image list`; undefined if there is none. */
export function targetOf(
  root: RouteMap<CliContext>,
  words: readonly string[],
): Target | undefined {
  let target: Target | undefined = root;
  for (const word of words) {
    target = "getAllEntries" in target ? target.getRoutingTargetForInput(word) : undefined;
    if (target === undefined) return undefined;
  }
  return target;
}

/** Converts `rootWrite` to `root-write`. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

type Flag = NonNullable<Command<CliContext>["parameters"]["flags"]>[string];

function valueOf(flag: Flag): Pick<RouteOption, "placeholder" | "completions"> {
  if (flag.kind === "boolean" || flag.kind === "counter") return {};
  const { placeholder = "VALUE" } = flag;
  if (flag.kind === "enum") return { placeholder, completions: () => flag.values };
  const completions = flag.proposeCompletions as Completions | undefined;
  return completions === undefined ? { placeholder } : { placeholder, completions };
}
