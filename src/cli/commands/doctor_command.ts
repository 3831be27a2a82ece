// `execvm doctor`: its options.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

/** The options of `execvm doctor`. */
export const doctorCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./doctor.ts")).doctor,
  parameters: {
    flags: {
      json: {
        kind: "boolean",
        brief: "Print them as JSON: version, ready, and findings with name, state, detail, advice",
        optional: true,
        withNegated: false,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "Check what execvm needs on this machine, and say what to do about it",
    fullDescription: [
      "Exits with 0 if all that is required is there, else with 1. What virtual machines need is not",
      "required, as everything else works without: it is only warned about.",
      "",
      'In JSON a state is "ok", "warn" (something is lost without it) or "missing" (it is required), and',
      "advice is null where there is nothing to do. Names stay as they are.",
    ].join("\n"),
  },
});
