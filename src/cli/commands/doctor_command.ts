// The options of `execvm doctor`.

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
        brief: "Print JSON: version, ready, and findings with name, state, detail and advice",
        optional: true,
        withNegated: false,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "Check what execvm needs on this machine, and advise how to install what is missing",
    fullDescription: [
      "Exits with 0 if nothing required is missing, else with 1. What only one runner needs, such as QEMU",
      "for virtual machines, is not required: if it is missing, that is a warning.",
      "",
      'In JSON, state is "ok", "warn" (optional, but something does not work without it) or "missing"',
      "(required); advice is null if there is nothing to do. Names are stable.",
    ].join("\n"),
  },
});
