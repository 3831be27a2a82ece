// The options of `execvm plan`.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import { RUNNER_ALIASES, RUNNER_FLAGS } from "../flags/runner_flags.ts";
import { STDIN_ALIASES, STDIN_FLAG } from "../flags/stdin_flag.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";
import { FILE_ARGUMENT } from "./pipe_command.ts";

/** The options of `execvm plan`. */
export const planCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./plan.ts")).plan,
  parameters: {
    flags: {
      ...RUNNER_FLAGS,
      json: {
        kind: "boolean",
        brief: "Print the plan as JSON",
        optional: true,
        withNegated: false,
      },
      schema: {
        kind: "boolean",
        brief: "Print the JSON Schema of pipelines instead",
        optional: true,
        withNegated: false,
      },
      ...STDIN_FLAG,
      ...COMMON_FLAGS,
    },
    aliases: { ...RUNNER_ALIASES, ...STDIN_ALIASES, ...COMMON_ALIASES },
    positional: {
      ...FILE_ARGUMENT,
      parameters: [{ ...FILE_ARGUMENT.parameters[0], optional: true }],
    },
  },
  docs: {
    brief: "Show what a pipeline would run, and where, without running it",
    fullDescription: [
      "Shows the source, each stage with its runner and argv, the sink, and how they are connected: by a",
      "kernel pipe, a file, the stdin or stdout of execvm (inherit), or a stream through execvm.",
    ].join("\n"),
  },
});
