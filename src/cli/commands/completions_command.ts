// The options of `execvm completions`, and of `__complete`, which its scripts call.

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
    brief: "Print a script that makes a shell complete command lines of execvm",
    fullDescription: [
      "Prints a script to source. It completes subcommands, options and their values (runners, hosts,",
      "images, templates, kernels, files) and, after --, the command as the shell would complete it.",
    ].join("\n"),
  },
});

/** The options of `__complete`, which only the scripts call. */
export const completeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("../complete/answer.ts")).answer,
  parameters: {
    flags: COMMON_FLAGS,
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "The words behind execvm", placeholder: "WORD" },
    },
  },
  docs: { brief: "Complete a command line" },
});
