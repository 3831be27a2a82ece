// The options of the void runner, in TypeScript, JSON and on the command line.

import type { OptionSpec } from "../contract/option_spec.ts";

/** How commands do not run. */
export interface VoidOptions {
  /** Print each command to our stderr. */
  readonly debug?: boolean;
}

/** How they are written in JSON and on the command line. */
export const VOID_OPTION_SPECS = {
  debug: { type: "boolean", summary: "print each command" },
} satisfies Record<keyof VoidOptions, OptionSpec>;
