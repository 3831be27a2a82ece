// The options of the local runner for TypeScript, JSON and the command line.

import type { OptionSpec } from "../contract/option_spec.ts";

/** How local commands run. */
export interface LocalOptions {
  /** Whether each command has its own terminal, which merges stderr into stdout. @default false */
  readonly tty?: boolean;
}

/** How they are written in JSON and on the command line. */
export const LOCAL_OPTION_SPECS: Readonly<Record<keyof LocalOptions, OptionSpec>> = {
  tty: { type: "boolean", summary: "give the command a terminal of its own", alias: "t" },
};
