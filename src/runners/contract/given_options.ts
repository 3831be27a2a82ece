// Selects the options of a runner that its JSON form and plans show.

import type { Json } from "../../model/nodes.ts";
import { runnerToJson } from "../../model/to_json.ts";
import type { OptionSpec } from "./option_spec.ts";
import type { Runner } from "./runner.ts";

/**
 * Returns the options that are set, in the order of `specs`; an inner runner is in its JSON form.
 */
export function givenOptions(
  options: object,
  specs: Readonly<Record<string, OptionSpec>>,
): { readonly [key: string]: Json } {
  const given: { readonly [key: string]: Json | Runner } = { ...options };
  const names = Object.keys(specs).filter((name) => given[name] !== undefined);
  return Object.fromEntries(names.map((name) => {
    const isRunner = specs[name]!.type === "runner";
    return [name, isRunner ? runnerToJson(given[name] as Runner) : given[name] as Json];
  }));
}
