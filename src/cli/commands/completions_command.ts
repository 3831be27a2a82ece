// `execvm completions`: its options, and those of the subcommand that its scripts ask.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import { SHELLS } from "../complete/shell.ts";
import { enumParser } from "../flags/enum_parser.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

/** The options of `execvm completions`. */
export const completionsCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("../complete/print_script.ts")).printScript,
  parameters: {
    flags: COMMON_FLAGS,
    aliases: COMMON_ALIASES,
    positional: {
      kind: "tuple",
      parameters: [{
        ...enumParser(SHELLS),
        brief: `The shell: ${SHELLS.join(", ")}`,
        placeholder: "SHELL",
      }],
    },
  },
  docs: {
    brief: "Print a script that has a shell complete the command line of execvm",
    fullDescription: [
      "Prints a script to be sourced. It completes subcommands, options and their values: runners, hosts,",
      "images, templates, kernels, files; and behind -- the command itself, as the shell does.",
    ].join("\n"),
  },
});

/** What the scripts ask: no subcommand for people. */
export const completeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("../complete/answer.ts")).answer,
  parameters: {
    flags: COMMON_FLAGS,
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "The words behind execvm", placeholder: "WORD" },
    },
  },
  docs: { brief: "Say what may come next in a command line" },
});
