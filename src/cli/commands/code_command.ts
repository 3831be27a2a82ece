// The options of `execvm code`.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import { LANGUAGES } from "../../code/language.ts";
import { parseMemoryMib } from "../../runners/contract/memory_size.ts";
import { choice } from "../flags/choice.ts";
import { parseDuration } from "../flags/duration.ts";
import { OBSERVE_ALIASES, OBSERVE_FLAGS } from "../flags/observe_flags.ts";
import { proposeFiles, proposeFolders, proposeImages } from "../flags/propose.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/guarded.ts";

const LANGUAGE_NAMES = Object.keys(LANGUAGES);

const text = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const;
const texts = (brief: string, placeholder: string) =>
  ({ ...text(brief, placeholder), variadic: true }) as const;
const oneOf = (values: readonly string[], brief: string, placeholder: string) =>
  ({ kind: "parsed", ...choice(values), brief, placeholder, optional: true }) as const;
const mib = (brief: string) =>
  ({
    kind: "parsed",
    parse: parseMemoryMib,
    brief,
    placeholder: "MIB|2G",
    optional: true,
  }) as const;

/** Code from a file, or stdin, on a prepared image. */
export const codeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./code.ts")).code,
  parameters: {
    flags: {
      image: {
        kind: "parsed",
        parse: String,
        proposeCompletions: proposeImages,
        brief: "The image, by its name in execvm image list, or how that begins",
        placeholder: "NAME",
      },
      lang: oneOf(
        LANGUAGE_NAMES,
        `What it is written in: ${LANGUAGE_NAMES.join(", ")} (default: python)`,
        "LANGUAGE",
      ),
      output: oneOf(
        ["diff", "all", "none", "paths"],
        "What to take out: diff, all, none or paths (default: diff)",
        "MODE",
      ),
      path: texts("Take out what this glob matches, for --output paths; may be repeated", "GLOB"),
      outputsDir: {
        ...text("Where to put that; a new or empty folder", "DIR"),
        proposeCompletions: proposeFolders,
      },
      outputsTar: {
        ...text("Write that as a tar to this file, in place of a folder", "FILE"),
        proposeCompletions: proposeFiles,
      },
      file: {
        ...texts("Give it a file in /workspace; may be repeated", "HOST:NAME"),
        proposeCompletions: proposeFiles,
      },
      env: texts("Set a variable; may be repeated", "NAME=VALUE"),
      json: {
        kind: "boolean",
        brief: "Print the whole result as JSON, and exit with 0 whatever it is",
        optional: true,
        withNegated: false,
      },
      timeout: {
        kind: "parsed",
        parse: parseDuration,
        brief: "End it after this time (default: 1m)",
        placeholder: "30s",
        optional: true,
      },
      memory: mib("Memory of its machine (default: 512)"),
      cpus: { kind: "parsed", parse: Number, brief: "Processors of its machine", optional: true },
      workspace: mib("Disk that it may write (default: 1G)"),
      network: oneOf(
        ["none", "user"],
        "What it can reach: none or user (default: none)",
        "NETWORK",
      ),
      accel: oneOf(
        ["auto", "kvm", "tcg"],
        "What runs its instructions: auto, kvm or tcg (default: auto)",
        "ACCEL",
      ),
      ...OBSERVE_FLAGS,
      ...COMMON_FLAGS,
    },
    aliases: { ...OBSERVE_ALIASES, ...COMMON_ALIASES },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: {
        parse: String,
        proposeCompletions: proposeFiles,
        brief: "A file with the code, or - for stdin; then arguments of the code",
        placeholder: "FILE",
      },
    },
  },
  docs: {
    brief: "Run code that need not be trusted, on a prepared image, and keep what it made",
    fullDescription: [
      "Runs the code of a file in a machine of its own, in /workspace; stdin, unless the code comes that",
      "way, and stdout, stderr and status are the code's own. What it created, changed and deleted is",
      "told on stderr, and is in a folder with a manifest.json.",
    ].join("\n"),
  },
});
