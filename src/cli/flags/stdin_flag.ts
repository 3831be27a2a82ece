// The option that leaves our stdin to others, as `ssh -n` does.

import type { SourceNode } from "../../model/nodes.ts";

/** What was said about stdin. */
export interface StdinFlags {
  readonly noStdin?: boolean;
}

/** The flag, for stricli. */
export const STDIN_FLAG = {
  noStdin: {
    kind: "boolean",
    brief: "Read nothing from stdin, which is left to others, such as a loop around execvm",
    optional: true,
    withNegated: false,
  },
} as const;

/** One-letter name of this flag. */
export const STDIN_ALIASES = { n: "noStdin" } as const;

/** The source of a pipeline: our own stdin, unless it has another, or that is left alone. */
export function sourceOf(source: SourceNode | undefined, { noStdin }: StdinFlags): SourceNode {
  const given = source ?? { type: "stdin" };
  return given.type === "stdin" && noStdin === true ? { type: "empty" } : given;
}
