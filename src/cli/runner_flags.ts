// The options that choose and configure a runner, made from the list of runners.

import type { Json } from "../blocks/nodes.ts";
import { createRunner } from "../runners/create_runner.ts";
import { RUNNER_TYPES } from "../runners/mod.ts";
import type { OptionSpec, Runner } from "../runners/runner.ts";
import { UsageError } from "../errors.ts";
import { checkStack, innerOption, KINDS, type NamedRunner, parseNamed } from "./runner_stack.ts";

/** An entry of a map, as a flag gives it. */
type FlagEntry = readonly [string, Json];

/** A value as the command line gives it. */
type FlagValue = boolean | string | number | readonly FlagEntry[] | undefined;

/** The JSON form of a runner, as it is put together. */
type JsonForm = { type: string; [option: string]: Json };

/** What was said on the command line about the runner; its own options are beside it. */
export interface RunnerFlags {
  /** The outermost first. */
  readonly runner?: readonly NamedRunner[];
}

/** An option that one or more kinds of runners have, each with its own words for what it does. */
interface Option {
  readonly spec: OptionSpec;
  readonly kinds: readonly string[];
  readonly briefs: ReadonlyMap<string, readonly string[]>;
}

/**
 * The options of all runners by name. A map of which no flag gives an entry is for JSON only; the runner
 * inside another is named as runners are.
 */
const OPTIONS = new Map<string, Option>();
for (const { kind, options } of RUNNER_TYPES) {
  for (const [name, spec] of Object.entries(options)) {
    if (spec.type === "runner" || spec.type === "map" && spec.entry === undefined) continue;
    const { kinds, briefs } = OPTIONS.get(name) ?? { kinds: [], briefs: new Map() };
    const said = [...briefs.get(spec.brief) ?? [], kind];
    OPTIONS.set(name, {
      spec,
      kinds: [...kinds, kind],
      briefs: new Map([...briefs, [spec.brief, said]]),
    });
  }
}

const KIND_FLAG = {
  runner: {
    kind: "parsed",
    parse: parseNamed,
    brief: `Where to run: ${KINDS.join(", ")} (default: local); a second one runs inside the first`,
    placeholder: "RUNNER",
    variadic: true,
    optional: true,
  },
} as const;

/** The flags, for stricli, which is told only of the one whose name is known here. */
export const RUNNER_FLAGS: typeof KIND_FLAG = {
  ...KIND_FLAG,
  ...Object.fromEntries([...OPTIONS].map(([name, option]) => [flagOf(name), toFlag(option)])),
};

/** One-letter names of runner flags. */
export const RUNNER_ALIASES: { readonly r: "runner" } = Object.assign(
  { r: "runner" } as const,
  Object.fromEntries(
    [...OPTIONS].flatMap(([name, { spec: { alias } }]) =>
      alias === undefined ? [] : [[alias, name]]
    ),
  ),
);

/** The value of an option of a runner, if it was given. */
export function optionValue(flags: RunnerFlags, name: string): FlagValue {
  return (flags as Readonly<Record<string, FlagValue>>)[flagOf(name)];
}

/** The flag of an option, which for a map names one of its entries. */
function flagOf(name: string): string {
  const spec = OPTIONS.get(name)?.spec;
  return spec?.entry?.flag ?? spec?.flag?.name ?? name;
}

/**
 * The runner that the flags choose, with those inside it. An option goes to the innermost that knows it.
 *
 * @throws {UsageError} if an option is not for any of them.
 */
export function runnerOf(flags: RunnerFlags): Runner {
  const stack = flags.runner ?? [parseNamed("local")];
  checkStack(stack);
  const forms = stack.map(({ type, place }): JsonForm => ({
    type: type.kind,
    ...(place !== undefined && { [type.place!]: place }),
  }));
  for (const name of OPTIONS.keys()) {
    const value = optionValue(flags, name);
    if (value !== undefined) setOption(forms, name, value);
  }
  const nested = forms.reduceRight((inner, form, index) => ({
    ...form,
    [innerOption(stack[index]!.type)!]: inner,
  }));
  try {
    return createRunner(nested);
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
    throw new UsageError(error.message);
  }
}

function setOption(forms: readonly JsonForm[], name: string, value: NonNullable<FlagValue>): void {
  const [flag, { kinds }] = [flagOf(name), OPTIONS.get(name)!];
  const form = forms.findLast(({ type }) => kinds.includes(type));
  if (form === undefined) {
    const given = forms.map(({ type }) => type).join(", ");
    throw new UsageError(`Cannot use --${flag} with ${given} as it is for ${kinds.join(", ")}`);
  }
  if (name in form) throw new UsageError(`Cannot take -r ${form.type}:${form[name]} and --${flag}`);
  form[name] = typeof value === "object" ? toMap(value, flag) : value;
}

function toFlag({ spec, briefs }: Option) {
  const facts = [...briefs].map(([fact, kinds]) => `${fact} (${kinds.join(", ")})`).join("; ");
  const brief = `${facts[0]!.toUpperCase()}${facts.slice(1)}`;
  if (spec.type === "boolean") {
    return { kind: "boolean", brief, optional: true, withNegated: spec.isOn === true } as const;
  }
  if (spec.entry !== undefined) {
    const { parse, placeholder } = spec.entry;
    return { kind: "parsed", parse, placeholder, brief, optional: true, variadic: true } as const;
  }
  if (spec.flag !== undefined) {
    const { parse, placeholder } = spec.flag;
    return { kind: "parsed", parse, placeholder, brief, optional: true } as const;
  }
  const parse = spec.type === "number" ? parseNumber : String;
  return { kind: "parsed", parse, brief, optional: true } as const;
}

/** @throws {UsageError} if a name is there twice. */
function toMap(entries: readonly FlagEntry[], flag: string): Record<string, Json> {
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return Object.fromEntries(entries);
  throw new UsageError(`Cannot take --${flag} with ${twice} twice`);
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || Number.isNaN(number)) throw new SyntaxError(`"${text}" is no number`);
  return number;
}
