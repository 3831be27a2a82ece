// The options of a runner as they are shown.

import type { Json } from "../blocks/nodes.ts";
import type { OptionSpec } from "./runner.ts";

/** The options that are given, in the order of the JSON form. */
export function givenOptions(
  options: object,
  specs: Readonly<Record<string, OptionSpec>>,
): { readonly [key: string]: Json } {
  const given: { readonly [key: string]: Json } = { ...options };
  const names = Object.keys(specs).filter((name) => given[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, given[name]!]));
}
