// A subcommand whose errors become a line on stderr and an exit code.

import type { CliContext } from "./context.ts";
import { report } from "./exit_codes.ts";

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

/** The function of a subcommand: `body` gives the exit code or throws. */
export function withErrorReport<Flags extends CommonFlags, Args extends readonly unknown[]>(
  body: (context: CliContext, flags: Flags, ...args: Args) => Promise<number>,
): (this: CliContext, flags: Flags, ...args: Args) => Promise<void> {
  return async function (flags, ...args) {
    try {
      this.process.exitCode = await body(this, flags, ...args);
    } catch (error) {
      this.process.exitCode = report(error, flags.verbose);
    }
  };
}
