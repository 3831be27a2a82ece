// `execvm chain`: its help. What it does is started before options are looked at, in main.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import { CHAIN_STDOUTS } from "../../model/nodes.ts";
import type { CliContext } from "../frame/context.ts";

/** The help of `execvm chain`. */
export const chainCommand: Command<CliContext> = buildCommand({
  loader: async () => {
    const { runChainArguments } = await import("./chain.ts");
    return async function (this: CliContext, _flags: unknown, ...args: string[]) {
      this.process.exitCode = await runChainArguments(args);
    };
  },
  parameters: {
    flags: {
      stdout: {
        kind: "enum",
        values: CHAIN_STDOUTS,
        brief: "Where what all but the last print goes: on, to stderr, or nowhere (default: pass)",
        optional: true,
      },
    },
    positional: {
      kind: "array",
      parameter: { brief: "DELIM A.. DELIM B..", parse: String, placeholder: "ARG" },
    },
  },
  docs: {
    brief: "Run a command, then become a second one if it succeeded",
    customUsage: ["[--stdout WHERE] DELIM CMD ARG... DELIM CMD ARG..."],
    fullDescription: [
      "Runs the first command and waits for it. If it fails, ends with its status; else becomes the",
      "second: same process, same stdio. What the first leaves of stdin is there for the second. DELIM",
      "is any word but --stdout; only its next appearance splits, so the second may be a chain with the",
      "same one. All write to one stdout: what the first prints comes before what the second does, unless",
      "--stdout=stderr or --stdout=discard, before DELIM, says otherwise of the first.",
    ].join("\n"),
  },
});
