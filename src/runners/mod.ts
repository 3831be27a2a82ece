// The list of runners: their options and descriptions, without loading any. A new runner needs a
// folder, a line here, and a line in builders.ts.

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

/** Returns the kind of runner with this name; `undefined` if there is none. */
export function runnerType(kind: string): RunnerType | undefined {
  return RUNNER_TYPES.find((candidate) => candidate.kind === kind);
}
