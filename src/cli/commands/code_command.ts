// The options of `execvm code`.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import { CODE_OPTION_SPECS } from "../../code/option_specs.ts";
import { callFlags } from "../flags/call_flags.ts";
import { fileCompletions, imageCompletions } from "../flags/completions.ts";
import { OBSERVE_ALIASES, OBSERVE_FLAGS } from "../flags/observe_flags.ts";
import { STDIN_ALIASES, STDIN_FLAG } from "../flags/stdin_flag.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

/** Code from a file, or stdin, on a prepared image. */
export const codeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./code.ts")).code,
  parameters: {
    flags: {
      image: {
        kind: "parsed",
        parse: String,
        proposeCompletions: imageCompletions,
        brief: "The image, by the name of its --cache-key, or by its key or how that begins",
        placeholder: "NAME",
      },
      ...callFlags(CODE_OPTION_SPECS),
      json: {
        kind: "boolean",
        brief: "Print the whole result as JSON, and exit with 0 whatever it is",
        optional: true,
        withNegated: false,
      },
      ...STDIN_FLAG,
      ...OBSERVE_FLAGS,
      ...COMMON_FLAGS,
    },
    aliases: { ...STDIN_ALIASES, ...OBSERVE_ALIASES, ...COMMON_ALIASES },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: {
        parse: String,
        proposeCompletions: fileCompletions,
        brief: "A file with the code, or - for stdin; then arguments of the code",
        placeholder: "FILE",
      },
    },
  },
  docs: {
    brief: "Run code that need not be trusted, on a prepared image, and keep what it made",
    fullDescription: [
      "Runs the code of a file in a machine of its own, in /workspace, where it is main.py, main.sh,",
      "main.mjs or main.ts beside the files of --file; stdin, unless the code comes that way, and stdout,",
      "stderr and status are the code's own. What it created, changed and deleted is told on stderr;",
      "--outputs-dir or --outputs-tar keeps it. Options come before the file: what follows it is for the",
      "code.",
    ].join("\n"),
  },
});
