// The options of `execvm run`.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import { commandCompletions, folderCompletions } from "../flags/completions.ts";
import { OBSERVE_ALIASES, OBSERVE_FLAGS } from "../flags/observe_flags.ts";
import { RUNNER_ALIASES, RUNNER_FLAGS } from "../flags/runner_flags.ts";
import { STDIN_ALIASES, STDIN_FLAG } from "../flags/stdin_flag.ts";
import { timeLimitFlags } from "../flags/time_flags.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

/** The options of `execvm run`. */
export const runCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./run.ts")).run,
  parameters: {
    flags: {
      ...RUNNER_FLAGS,
      env: {
        kind: "parsed",
        parse: String,
        brief: "Set an environment variable of the command; may be repeated",
        placeholder: "K=V",
        variadic: true,
        optional: true,
      },
      cwd: {
        kind: "parsed",
        parse: String,
        brief: "Folder to run the command in",
        proposeCompletions: folderCompletions,
        placeholder: "DIR",
        optional: true,
      },
      ...timeLimitFlags("command"),
      ...STDIN_FLAG,
      ...OBSERVE_FLAGS,
      ...COMMON_FLAGS,
    },
    aliases: { ...RUNNER_ALIASES, ...STDIN_ALIASES, ...OBSERVE_ALIASES, ...COMMON_ALIASES },
    positional: {
      kind: "array",
      parameter: {
        brief: "The command and its arguments",
        parse: String,
        proposeCompletions: commandCompletions,
        placeholder: "CMD",
      },
      minimum: 1,
    },
  },
  docs: {
    brief: "Run a command, with its own stdio and exit status",
    customUsage: ["[-r RUNNER] [OPTIONS] [--] CMD ARG..."],
    fullDescription: [
      "Runs one command with the interface of a local process: its stdin, stdout, stderr, signals and exit",
      "status are those of execvm. The options of execvm end at the command; what follows are its arguments.",
      "A -- before the command is only needed if its name begins with a dash.",
    ].join("\n"),
  },
});
