// `execvm chain`: its help. What it does is started before options are looked at, in main.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
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
    flags: {},
    positional: {
      kind: "array",
      parameter: { brief: "DELIM A.. DELIM B..", parse: String, placeholder: "ARG" },
    },
  },
  docs: {
    brief: "Run a command, then become a second one if it succeeded",
    customUsage: ["DELIM CMD ARG... DELIM CMD ARG..."],
    fullDescription: [
      "Runs the first command and waits for it. If it fails, ends with its status; else becomes the",
      "second: same process, same stdio. What the first leaves of stdin is there for the second. DELIM",
      "is any word; only its next appearance splits, so the second may be a chain with the same one.",
    ].join("\n"),
  },
});
