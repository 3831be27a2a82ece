// The description of the local runner, which does not load it.

import type { MakeRunner, RunnerType } from "../contract/runner_type.ts";
import { LOCAL_OPTION_SPECS } from "./options.ts";

/** The kind of runner that `local` makes. */
export const localType: RunnerType = {
  kind: "local",
  summary: "processes of this machine",
  options: LOCAL_OPTION_SPECS,
  load: async () => (await import("./runner.ts")).local as unknown as MakeRunner,
};
