// Makes a runner, and the runners nested in its options, from their JSON form.

import type { Json } from "../model/nodes.ts";
import type { Runner } from "./contract/runner.ts";
import type { MakeRunner } from "./contract/runner_type.ts";
import { runnerType } from "./mod.ts";

/** A runner in its JSON form, after the check: its kind as `type`, and its options. */
export interface JsonRunner {
  readonly type: string;
  readonly [option: string]: Json;
}

/**
 * Makes a runner, innermost first, from a form that was checked against the options of its kind.
 *
 * @param makerOf returns the builder of a kind
 * @throws {TypeError | RangeError} if a runner does not accept a value.
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

/**
 * Returns the kinds in a form: its own, then those of the runners inside. A kind may occur twice.
 */
export function kindsIn({ type: kind, ...options }: JsonRunner): readonly string[] {
  const inner = Object.entries(options)
    .filter(([name, value]) => value !== undefined && takesRunner(kind, name))
    .flatMap(([, value]) => kindsIn(value as JsonRunner));
  return [kind, ...inner];
}

function takesRunner(kind: string, option: string): boolean {
  return runnerType(kind)?.options[option]?.type === "runner";
}
