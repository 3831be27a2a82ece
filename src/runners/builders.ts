// The builders of all kinds of runners, for callers that cannot wait for one to be loaded.

import type { Runner } from "./contract/runner.ts";
import type { MakeRunner } from "./contract/runner_type.ts";
import { docker } from "./docker/runner.ts";
import { local } from "./local/runner.ts";
import { slurm } from "./slurm/runner.ts";
import { ssh } from "./ssh/runner.ts";
import { vm } from "./vm/runner.ts";
import { voidRunner } from "./void/runner.ts";

/** The builder of each kind of runner. */
export const BUILDERS: Readonly<Record<string, MakeRunner>> = {
  void: voidRunner,
  local,
  docker,
  vm,
  ssh,
  slurm,
} satisfies Record<string, (options: never) => Runner> as unknown as Record<string, MakeRunner>;

/** Returns the builder of a kind of runner. */
export function builderOf(kind: string): MakeRunner {
  return BUILDERS[kind]!;
}
