// The description of the Slurm runner, which does not load it.

import type { MakeRunner, RunnerType } from "../contract/runner_type.ts";
import { SLURM_OPTION_SPECS } from "./options.ts";

/** The kind of runner that `slurm` makes. */
export const slurmType: RunnerType = {
  kind: "slurm",
  summary: "a node of a Slurm cluster",
  target: "partition",
  options: SLURM_OPTION_SPECS,
  load: async () => (await import("./runner.ts")).slurm as unknown as MakeRunner,
};
