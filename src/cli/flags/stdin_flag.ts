// The option that leaves our stdin unread, as `ssh -n` does.

import type { SourceNode } from "../../model/nodes.ts";

/** The value of this flag. */
export interface StdinFlags {
  readonly noStdin?: boolean;
}

/** The flag, in stricli's form. */
export const STDIN_FLAG = {
  noStdin: {
    kind: "boolean",
    brief: "Read nothing from stdin, as ssh -n does, for example inside a shell loop that reads it",
    optional: true,
    withNegated: false,
  },
} as const;

/** The one-letter name of this flag. */
export const STDIN_ALIASES = { n: "noStdin" } as const;

/**
 * Returns the source of a pipeline: its own, else our stdin; empty in place of stdin with
 * `--no-stdin`.
 */
export function sourceOf(source: SourceNode | undefined, { noStdin }: StdinFlags): SourceNode {
  const given = source ?? { type: "stdin" };
  return given.type === "stdin" && noStdin === true ? { type: "empty" } : given;
}
