// The list of runners. A new one is a folder of its own and a line here.

import type { RunnerType } from "./contract/runner_type.ts";
import { dockerType } from "./docker/runner.ts";
import { localType } from "./local/runner.ts";
import { slurmType } from "./slurm/runner.ts";
import { sshType } from "./ssh/runner.ts";
import { vmType } from "./vm/runner.ts";
import { voidType } from "./void.ts";

/** All kinds of runners. */
export const RUNNER_TYPES: readonly RunnerType[] = [
  voidType,
  localType,
  dockerType,
  vmType,
  sshType,
  slurmType,
];
