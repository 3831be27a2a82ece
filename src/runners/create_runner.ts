// Runners out of their JSON form at once, by the builders of all kinds.

import type { Runner } from "./contract/runner.ts";
import type { MakeRunner } from "./contract/runner_type.ts";
import { docker } from "./docker/runner.ts";
import { local } from "./local/runner.ts";
import { type JsonRunner, nestRunner } from "./nest_runner.ts";
import { slurm } from "./slurm/runner.ts";
import { ssh } from "./ssh/runner.ts";
import { vm } from "./vm/runner.ts";
import { voidRunner } from "./void/runner.ts";

/** The builders by kind. */
export const BUILDERS: Readonly<Record<string, MakeRunner>> = {
  void: voidRunner,
  local,
  docker,
  vm,
  ssh,
  slurm,
} satisfies Record<string, (options: never) => Runner> as unknown as Record<string, MakeRunner>;

/**
 * A runner with what runs inside it, from a form that has been checked against the options of its kind.
 *
 * @throws {TypeError | RangeError} if a value is not what the runner takes.
 */
export function createRunner(form: JsonRunner): Runner {
  return nestRunner(form, (kind) => BUILDERS[kind]!);
}
