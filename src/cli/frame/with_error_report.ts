// Wraps a subcommand so that its errors become a line on stderr and an exit code.

import type { CliContext } from "./context.ts";
import { report } from "./exit_codes.ts";
import { requireText } from "./require_text.ts";

/** The values of the flags that every subcommand has. */
export interface CommonFlags {
  readonly verbose?: boolean;
}

/** The flags that every subcommand has. */
export const COMMON_FLAGS = {
  verbose: {
    kind: "boolean",
    brief: "Log each step to stderr, and show stack traces of errors",
    optional: true,
    withNegated: false,
  },
} as const;

/** The one-letter names of these flags. */
export const COMMON_ALIASES = { v: "verbose" } as const;

/** Where words that are not UTF-8 are possible: flags by name, and the arguments. */
export type WordPlace = "env" | "cwd" | "argv" | "arguments";

/**
 * Makes the function of a subcommand from `body`, which returns the exit code or throws.
 *
 * @param places where words may be other than UTF-8; elsewhere they would be changed silently, so
 * they are rejected
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
