// The description of the VM runner, which does not load it.

import type { MakeRunner, RunnerType } from "../contract/runner_type.ts";
import { VM_OPTION_SPECS } from "./options.ts";

/** The kind of runner that `vm` makes. */
export const vmType: RunnerType = {
  kind: "vm",
  summary: "a virtual machine for each command",
  options: VM_OPTION_SPECS,
  load: async () => (await import("./runner.ts")).vm as unknown as MakeRunner,
};
