// Runners out of their JSON form.

import type { Json } from "../model/nodes.ts";
import type { Runner } from "./contract/runner.ts";
import type { RunnerType } from "./contract/runner_type.ts";
import type { JsonRunner } from "./json_schema.ts";
import { RUNNER_TYPES } from "./mod.ts";

/** The kind of runner of this name, if there is one. */
export function runnerType(kind: string): RunnerType | undefined {
  return RUNNER_TYPES.find((candidate) => candidate.kind === kind);
}

/**
 * A runner with what runs inside it, from a form that has been checked against the options of its kind.
 *
 * @throws {TypeError | RangeError} if a value is not what the runner takes.
 */
export function createRunner({ type: kind, ...options }: JsonRunner): Runner {
  const type = runnerType(kind)!;
  const toValue = (name: string, value: Json): Json | Runner =>
    type.options[name]?.type === "runner" ? createRunner(value as JsonRunner) : value;
  const values = Object.entries(options).filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, toValue(name, value)]);
  return type.create(Object.fromEntries(values));
}
