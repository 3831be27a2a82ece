// The options that record or display a run (--trace, --report), and -q, which silences it.

import { fileCompletions } from "./completions.ts";

/** The values of these flags. */
export interface ObserveFlags {
  readonly trace?: string;
  readonly report?: string;
  readonly quiet?: boolean;
  /** The run is logged line by line, so no live view may be drawn between the lines. */
  readonly verbose?: boolean;
}

const file = (brief: string) =>
  ({
    kind: "parsed",
    parse: String,
    proposeCompletions: fileCompletions,
    brief,
    placeholder: "FILE",
    optional: true,
  }) as const;

/** The flags, in stricli's form. */
export const OBSERVE_FLAGS = {
  trace: file("Write a trace of stages and phases, for Perfetto or chrome://tracing"),
  report: file("Write a report: one HTML page with graph, timeline and the stderr of each stage"),
  quiet: {
    kind: "boolean",
    brief: "Show no progress and no notices, such as that machines are emulated",
    optional: true,
    withNegated: false,
  },
} as const;

/** The one-letter names of these flags. */
export const OBSERVE_ALIASES = { q: "quiet" } as const;

/** Whether the run is recorded, so that execvm has to stay and cannot become the command. */
export function isRecorded({ trace, report }: ObserveFlags): boolean {
  return trace !== undefined || report !== undefined || Deno.env.get("OTEL_DENO") === "true";
}
