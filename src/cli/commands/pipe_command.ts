// The options of `execvm pipe`.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import { fileCompletions } from "../flags/completions.ts";
import { OBSERVE_ALIASES, OBSERVE_FLAGS } from "../flags/observe_flags.ts";
import { RUNNER_ALIASES, RUNNER_FLAGS } from "../flags/runner_flags.ts";
import { STDIN_ALIASES, STDIN_FLAG } from "../flags/stdin_flag.ts";
import { timeLimitFlags } from "../flags/time_flags.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

/** The only argument of `pipe` and `plan`. */
export const FILE_ARGUMENT = {
  kind: "tuple",
  parameters: [{
    brief: "File with the pipeline as JSON, or - for stdin",
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
    brief: "Run a pipeline from a JSON file",
    fullDescription: [
      "Runs a pipeline. Commands for which the file names no runner run on that of -r. A pipeline without a",
      "source reads the stdin of execvm; one without a sink writes to the stdout of execvm. Code always runs in",
      "a virtual machine, on the image that the file names.",
    ].join("\n"),
  },
});
