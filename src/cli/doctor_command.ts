// `execvm doctor`: its options.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import type { CliContext } from "./context.ts";
import { COMMON_FLAGS } from "./guarded.ts";

/** The options of `execvm doctor`. */
export const doctorCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./doctor.ts")).doctor,
  parameters: { flags: COMMON_FLAGS },
  docs: {
    brief: "Check what execvm needs on this machine, and say what to do about it",
    fullDescription: [
      "Exits with 0 if all that is required is there, else with 1. What virtual machines need is not",
      "required, as everything else works without: it is only warned about.",
    ].join("\n"),
  },
});
