// The description of the void runner, which does not load it.

import type { MakeRunner, RunnerType } from "../contract/runner_type.ts";
import { VOID_OPTION_SPECS } from "./options.ts";

/** The kind of runner that `voidRunner` makes. */
export const voidType: RunnerType = {
  kind: "void",
  summary: "nothing runs; with --debug each command is printed",
  options: VOID_OPTION_SPECS,
  load: async () => (await import("./runner.ts")).voidRunner as unknown as MakeRunner,
};
