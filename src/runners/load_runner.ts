// Runners out of their JSON form, for which the builders of the kinds in it are loaded, and no others.

import type { Runner } from "./contract/runner.ts";
import type { MakeRunner } from "./contract/runner_type.ts";
import { runnerType } from "./mod.ts";
import { type JsonRunner, kindsIn, nestRunner } from "./nest_runner.ts";

/**
 * A runner with what runs inside it, from a form that has been checked against the options of its kind.
 *
 * @throws {TypeError | RangeError} if a value is not what the runner takes.
 */
export async function loadRunner(form: JsonRunner): Promise<Runner> {
  const load = async (kind: string): Promise<[string, MakeRunner]> => [
    kind,
    await runnerType(kind)!.load(),
  ];
  const makers = new Map(await Promise.all(kindsIn(form).map(load)));
  return nestRunner(form, (kind) => makers.get(kind)!);
}
