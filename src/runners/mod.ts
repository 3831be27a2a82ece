// The list of runners: what is known of them without loading any. A new one is a folder of its own, a line here, and
// one in create_runner.ts.

import type { RunnerType } from "./contract/runner_type.ts";
import { dockerType } from "./docker/type.ts";
import { localType } from "./local/type.ts";
import { slurmType } from "./slurm/type.ts";
import { sshType } from "./ssh/type.ts";
import { vmType } from "./vm/type.ts";
import { voidType } from "./void/type.ts";

/** All kinds of runners. */
export const RUNNER_TYPES: readonly RunnerType[] = [
  voidType,
  localType,
  dockerType,
  vmType,
  sshType,
  slurmType,
];

/** The kind of runner of this name, if there is one. */
export function runnerType(kind: string): RunnerType | undefined {
  return RUNNER_TYPES.find((candidate) => candidate.kind === kind);
}
