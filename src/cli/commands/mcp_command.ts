// The options of `execvm mcp`.

import { countFault, type CountRange } from "../../model/require_count.ts";
import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import { parseDuration } from "../../runners/contract/duration.ts";
import { parseMemoryMib } from "../../runners/contract/memory_size.ts";
import { RUNNER_TYPES } from "../../runners/mod.ts";
import { folderCompletions, wordCompletions } from "../flags/completions.ts";
import { parseKind } from "../flags/runner_stack.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

const ALL_OPTIONS: readonly string[] = RUNNER_TYPES.flatMap(({ kind, options }) =>
  Object.keys(options).map((name) => `${kind}:${name}`)
);

/** The options of `execvm mcp`. */
export const mcpCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./mcp.ts")).mcp,
  parameters: {
    flags: {
      maxTimeout: {
        kind: "parsed",
        parse: parseDuration,
        brief: "Time limit of a run (default: 5m)",
        placeholder: "TIME",
        optional: true,
      },
      maxMemory: {
        kind: "parsed",
        parse: parseMemoryMib,
        brief: "Maximum memory of a machine (default: 2G)",
        placeholder: "MIB|2G",
        optional: true,
      },
      maxOutput: {
        kind: "parsed",
        parse: parseMemoryMib,
        brief: "Maximum output in a result, in MiB (default: 1M)",
        placeholder: "MIB|2G",
        optional: true,
      },
      maxRuns: {
        kind: "parsed",
        parse: countParser({ least: 1 }),
        brief: "Maximum number of runs at once (default: 4)",
        placeholder: "N",
        optional: true,
      },
      maxQueue: {
        kind: "parsed",
        parse: countParser({ least: 0 }),
        brief: "Maximum number of calls that wait for a run to end (default: 16)",
        placeholder: "N",
        optional: true,
      },
      maxPrepare: {
        kind: "parsed",
        parse: parseDuration,
        brief: "Time limit of the preparation of an image (default: 30m)",
        placeholder: "TIME",
        optional: true,
      },
      allowRunner: {
        kind: "parsed",
        parse: parseKind,
        proposeCompletions: wordCompletions(RUNNER_TYPES.map(({ kind }) => kind)),
        brief:
          "Also let clients use this runner, besides vm and void, such as docker:IMAGE; local gives them " +
          "your own rights; may be repeated",
        placeholder: "RUNNER",
        variadic: true,
        optional: true,
      },
      allowOption: {
        kind: "parsed",
        parse: String,
        proposeCompletions: wordCompletions(ALL_OPTIONS),
        brief:
          "Also let clients set this option of a runner, such as vm:network=user; without =VALUE to any value; " +
          "may be repeated",
        placeholder: "RUNNER:OPTION[=VALUE]",
        variadic: true,
        optional: true,
      },
      allowImage: {
        kind: "parsed",
        parse: String,
        brief:
          "Let clients prepare images from this source, such as debian:bookworm or docker:*; may be repeated",
        placeholder: "SOURCE",
        variadic: true,
        optional: true,
      },
      files: {
        kind: "parsed",
        parse: String,
        proposeCompletions: folderCompletions,
        brief:
          "Let clients read and write files below this folder, by pipelines and allowed options",
        placeholder: "DIR",
        optional: true,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "Serve the Model Context Protocol on stdio, so that agents can run commands and code",
    fullDescription: [
      "Offers a client tools to plan and run pipelines, to run code on prepared images, and to list images",
      "and runners; with --allow-image also to prepare images. Commands run in virtual machines without a",
      "network. A client can lower the limits but not raise them, nor use what is not allowed here. All",
      "runs end when the client disconnects.",
    ].join("\n"),
  },
});

function countParser(range: CountRange): (text: string) => number {
  return (text) => {
    const count = text.trim() === "" ? NaN : Number(text);
    const fault = countFault(count, range);
    if (fault === undefined) return count;
    throw new SyntaxError(`it ${fault}`);
  };
}
