// The options of the void runner for TypeScript, JSON and the command line.

import type { OptionSpec } from "../contract/option_spec.ts";

/** Options of the void runner. */
export interface VoidOptions {
  /** Whether to print each command to the stderr of this process. @default false */
  readonly debug?: boolean;
}

/** How they are written in JSON and on the command line. */
export const VOID_OPTION_SPECS: Readonly<Record<keyof VoidOptions, OptionSpec>> = {
  debug: { type: "boolean", summary: "print each command" },
};
