// A subcommand whose errors become a line on stderr and an exit code.

import type { CliContext } from "./context.ts";
import { report } from "./exit_codes.ts";
import { requireText } from "./require_text.ts";

/** What every subcommand understands. */
export interface CommonFlags {
  readonly verbose?: boolean;
}

/** Flags that every subcommand has. */
export const COMMON_FLAGS = {
  verbose: {
    kind: "boolean",
    brief: "Say on stderr what is done, and show stack traces of errors",
    optional: true,
    withNegated: false,
  },
} as const;

/** One-letter names of those. */
export const COMMON_ALIASES = { v: "verbose" } as const;

/** Where words that are not UTF-8 may stand: in these flags, and in the arguments. */
export type WordPlace = "env" | "cwd" | "argv" | "arguments";

/**
 * The function of a subcommand: `body` gives the exit code or throws. What is not UTF-8 is refused, as it would be taken
 * for something else, but in these places.
 */
export function withErrorReport<Flags extends CommonFlags, Args extends readonly unknown[]>(
  body: (context: CliContext, flags: Flags, ...args: Args) => Promise<number>,
  places: readonly WordPlace[] = [],
): (this: CliContext, flags: Flags, ...args: Args) => Promise<void> {
  return async function (flags, ...args) {
    try {
      requireText({ ...flags, arguments: args }, places);
      this.process.exitCode = await body(this, flags, ...args);
    } catch (error) {
      this.process.exitCode = report(error, flags.verbose);
    }
  };
}
