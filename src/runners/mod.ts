// The list of runners. A new one is a file of its own and a line here.

import { dockerType } from "./docker.ts";
import { localType } from "./local.ts";
import type { RunnerType } from "./runner.ts";
import { slurmType } from "./slurm.ts";
import { sshType } from "./ssh.ts";
import { vmType } from "./vm.ts";
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
