// The options of `execvm code`.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import { CODE_OPTION_SPECS } from "../../code/option_specs.ts";
import { callFlags } from "../flags/call_flags.ts";
import { fileCompletions, rootCompletions } from "../flags/completions.ts";
import { OBSERVE_ALIASES, OBSERVE_FLAGS } from "../flags/observe_flags.ts";
import { STDIN_ALIASES, STDIN_FLAG } from "../flags/stdin_flag.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

/** The options of `execvm code`. */
export const codeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./code.ts")).code,
  parameters: {
    flags: {
      image: {
        kind: "parsed",
        parse: String,
        proposeCompletions: rootCompletions,
        brief: "The image: its name, its key or the start of that; or a path, docker:NAME, " +
          "oci://HOST/NAME:TAG or debian:SUITE, which is prepared first",
        placeholder: "IMAGE|PATH",
      },
      ...callFlags(CODE_OPTION_SPECS),
      json: {
        kind: "boolean",
        brief: "Print the whole result as JSON, and exit with 0 even if the code failed",
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
        brief: "The file with the code, or - for stdin; then the arguments of the code",
        placeholder: "FILE",
      },
    },
  },
  docs: {
    brief: "Run untrusted code on an image, and keep the files that it writes",
    fullDescription: [
      "Runs the code of a file in a fresh virtual machine. Its folder there is /workspace, with the code as",
      "main.py, main.sh, main.mjs or main.ts and the files of --file. The code has the stdin, stdout,",
      "stderr and exit status of execvm, but an empty stdin if the code itself comes from stdin. stderr lists",
      "the files that it created, changed and deleted; --outputs-dir or --outputs-tar keeps them. Options",
      "come before the file: what follows the file is for the code.",
    ].join("\n"),
  },
});
