// The help of `execvm chain`. The chain itself is started in `main`, before options are parsed.

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
        placeholder: "WHERE",
        brief:
          "Where the stdout of all but the last command goes: pass (to stdout), stderr or discard " +
          "(default: pass)",
        optional: true,
      },
    },
    positional: {
      kind: "array",
      parameter: { brief: "DELIM A.. DELIM B..", parse: String, placeholder: "ARG" },
    },
  },
  docs: {
    brief: "Run a command and, if it succeeds, become a second one",
    customUsage: ["[--stdout WHERE] DELIM CMD ARG... DELIM CMD ARG..."],
    fullDescription: [
      "Runs the first command and waits for it. If it fails, exits with its status; else becomes the",
      "second command, with the same process and stdio. The second reads on where the first stopped",
      "reading stdin. DELIM is any word except --stdout; only its next occurrence separates, so the second",
      "command may be a chain with the same DELIM. Both write to the same stdout, the first command first;",
      "--stdout=stderr or --stdout=discard before DELIM redirects that of the first.",
    ].join("\n"),
  },
});
