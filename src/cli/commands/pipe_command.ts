// `execvm pipe`: its options.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import { fileCompletions } from "../flags/completions.ts";
import { OBSERVE_ALIASES, OBSERVE_FLAGS } from "../flags/observe_flags.ts";
import { RUNNER_ALIASES, RUNNER_FLAGS } from "../flags/runner_flags.ts";
import { STDIN_ALIASES, STDIN_FLAG } from "../flags/stdin_flag.ts";
import { timeLimitFlags } from "../flags/time_flags.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

/** The one argument of `pipe` and `plan`. */
export const FILE_ARGUMENT = {
  kind: "tuple",
  parameters: [{
    brief: "The pipeline as JSON; - is stdin",
    parse: String,
    proposeCompletions: fileCompletions,
    placeholder: "FILE",
  }],
} as const;

/** The options of `execvm pipe`. */
export const pipeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./pipe.ts")).pipe,
  parameters: {
    flags: {
      ...RUNNER_FLAGS,
      ...timeLimitFlags("pipeline"),
      ...STDIN_FLAG,
      ...OBSERVE_FLAGS,
      ...COMMON_FLAGS,
    },
    aliases: { ...RUNNER_ALIASES, ...STDIN_ALIASES, ...OBSERVE_ALIASES, ...COMMON_ALIASES },
    positional: FILE_ARGUMENT,
  },
  docs: {
    brief: "Run a pipeline written as JSON",
    fullDescription: [
      "Runs a pipeline. Commands that are not bound to a runner run on the one given. Without a source",
      "its stdin is that of execvm; without a sink its output goes to the stdout of execvm.",
    ].join("\n"),
  },
});
