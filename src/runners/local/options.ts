// The options of the local runner, in TypeScript, JSON and on the command line.

import type { OptionSpec } from "../contract/option_spec.ts";

/** How local commands run. */
export interface LocalOptions {
  /** Give each command a terminal of its own; its stderr is then part of its stdout. */
  readonly tty?: boolean;
}

/** How they are written in JSON and on the command line. */
export const LOCAL_OPTION_SPECS = {
  tty: { type: "boolean", summary: "give the command a terminal of its own", alias: "t" },
} satisfies Record<keyof LocalOptions, OptionSpec>;
