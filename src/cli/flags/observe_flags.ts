// The options that have a run watched, and what `-q` turns off.

import { fileCompletions } from "./completions.ts";

/** What was said about watching. */
export interface ObserveFlags {
  readonly trace?: string;
  readonly report?: string;
  readonly quiet?: boolean;
  /** Lines are said of what happens, which a view would be written into. */
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

/** The flags, for stricli. */
export const OBSERVE_FLAGS = {
  trace: file("Write a trace of stages and phases, which Perfetto and chrome://tracing show"),
  report: file("Write a report: one page of HTML with graph, timeline and what each stage said"),
  quiet: {
    kind: "boolean",
    brief: "Show no progress, and no notice such as that machines are emulated",
    optional: true,
    withNegated: false,
  },
} as const;

/** One-letter names of these flags. */
export const OBSERVE_ALIASES = { q: "quiet" } as const;

/** Whether what happens is to be written down, so that somebody has to stay and watch. */
export function isRecorded({ trace, report }: ObserveFlags): boolean {
  return trace !== undefined || report !== undefined || Deno.env.get("OTEL_DENO") === "true";
}
