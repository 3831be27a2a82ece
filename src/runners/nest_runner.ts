// A runner with what runs inside it, out of their JSON form.

import type { Json } from "../model/nodes.ts";
import type { Runner } from "./contract/runner.ts";
import type { MakeRunner } from "./contract/runner_type.ts";
import { runnerType } from "./mod.ts";

/** A runner as it stands in JSON, once it has been checked. */
export interface JsonRunner {
  readonly type: string;
  readonly [option: string]: Json;
}

/**
 * The runner of a form that has been checked against the options of its kind.
 *
 * @param makerOf what makes the runners of a kind
 * @throws {TypeError | RangeError} if a value is not what the runner takes.
 */
export function nestRunner(
  { type: kind, ...options }: JsonRunner,
  makerOf: (kind: string) => MakeRunner,
): Runner {
  const toValue = (name: string, value: Json): Json | Runner =>
    takesRunner(kind, name) ? nestRunner(value as JsonRunner, makerOf) : value;
  const values = Object.entries(options).filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, toValue(name, value)]);
  return makerOf(kind)(Object.fromEntries(values));
}

/** The kinds in a form: its own, and those of the runners inside. */
export function kindsIn({ type: kind, ...options }: JsonRunner): readonly string[] {
  const inner = Object.entries(options)
    .filter(([name, value]) => value !== undefined && takesRunner(kind, name))
    .flatMap(([, value]) => kindsIn(value as JsonRunner));
  return [kind, ...inner];
}

function takesRunner(kind: string, option: string): boolean {
  return runnerType(kind)?.options[option]?.type === "runner";
}
