// Makes runners from their JSON form, loading only the builders of the kinds that occur in it.

import type { Runner } from "./contract/runner.ts";
import type { MakeRunner } from "./contract/runner_type.ts";
import { runnerType } from "./mod.ts";
import { type JsonRunner, kindsIn, nestRunner } from "./nest_runner.ts";

/**
 * Makes a runner, and the runners inside it, from their JSON form.
 *
 * @param form already checked against the options of its kind
 * @throws {TypeError | RangeError} if the runner does not accept a value.
 */
export async function loadRunner(form: JsonRunner): Promise<Runner> {
  return nestRunner(form, await loadMakers([form]));
}

/** Loads the builders of all kinds in these forms; the result returns the builder of a kind. */
export async function loadMakers(
  forms: readonly JsonRunner[],
): Promise<(kind: string) => MakeRunner> {
  const load = async (kind: string): Promise<[string, MakeRunner]> => [
    kind,
    await runnerType(kind)!.load(),
  ];
  const kinds = new Set(forms.flatMap(kindsIn));
  const makers = new Map(await Promise.all([...kinds].map(load)));
  return (kind) => makers.get(kind)!;
}
