// Makes runners from their JSON form synchronously, with the builders of all kinds loaded.

import type { Runner } from "./contract/runner.ts";
import type { MakeRunner } from "./contract/runner_type.ts";
import { docker } from "./docker/runner.ts";
import { local } from "./local/runner.ts";
import { type JsonRunner, nestRunner } from "./nest_runner.ts";
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

/**
 * Makes a runner, and the runners inside it, from their JSON form.
 *
 * @param form already checked against the options of its kind
 * @throws {TypeError | RangeError} if the runner does not accept a value.
 */
export function createRunner(form: JsonRunner): Runner {
  return nestRunner(form, (kind) => BUILDERS[kind]!);
}
