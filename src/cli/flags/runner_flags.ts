// The options that choose and configure a runner, made from the list of runners.

import { messageOf, UsageError } from "../../model/errors.ts";
import type { Json } from "../../model/nodes.ts";
import type { OptionSpec } from "../../runners/contract/option_spec.ts";
import type { Runner } from "../../runners/contract/runner.ts";
import { loadRunner } from "../../runners/load_runner.ts";
import { RUNNER_TYPES, runnerType } from "../../runners/mod.ts";
import type { JsonRunner } from "../../runners/nest_runner.ts";
import { toUsageError } from "../frame/exit_codes.ts";
import { runnerCompletions } from "./completions.ts";
import { capitalized, flagName, requireInRange, toFlag } from "./option_flag.ts";
import { kebabCase } from "./routes.ts";
import { checkStack, innerOption, KINDS, type NamedRunner, parseNamed } from "./runner_stack.ts";
import { didYouMean } from "./suggest.ts";

/** The variable that says where to run when `-r` does not. */
export const RUNNER_VARIABLE = "EXECVM_RUNNER";

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
  /** All the words that it can be, of any kind. */
  readonly values: readonly string[];
}

/**
 * The options of all runners by name, less those that have no flag.
 */
const OPTIONS = new Map<string, Option>();
for (const { kind, options } of RUNNER_TYPES) {
  for (const [name, spec] of Object.entries(options)) {
    if (spec.noFlag !== undefined) continue;
    const { kinds, briefs, values } = OPTIONS.get(name) ??
      { kinds: [], briefs: new Map(), values: [] };
    const said = [...briefs.get(spec.summary) ?? [], kind];
    OPTIONS.set(name, {
      spec,
      kinds: [...kinds, kind],
      briefs: new Map([...briefs, [spec.summary, said]]),
      values: [...new Set([...values, ...spec.values ?? []])],
    });
  }
}

const KIND_FLAG = {
  runner: {
    kind: "parsed",
    parse: parseNamed,
    proposeCompletions: runnerCompletions,
    brief: `Where to run: ${KINDS.join(", ")} (default: local); a second one runs inside the first`,
    placeholder: "RUNNER",
    variadic: true,
    optional: true,
  },
} as const;

/** The flags, for stricli, which is told only of the one whose name is known here. */
export const RUNNER_FLAGS: typeof KIND_FLAG = {
  ...KIND_FLAG,
  ...Object.fromEntries([...OPTIONS].map(([name, option]) => [flagOf(name), toRunnerFlag(option)])),
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
export function flagOf(name: string): string {
  return flagName(name, OPTIONS.get(name)?.spec ?? {});
}

/**
 * The flags with the runner of the environment, if they have none: a word, or several for runners inside.
 *
 * @throws {UsageError} if that is no runner.
 */
export function withDefaultRunner<Flags extends RunnerFlags>(flags: Flags): Flags {
  const runner = (Deno.env.get(RUNNER_VARIABLE) ?? "").trim();
  if (flags.runner !== undefined || runner === "") return flags;
  try {
    return { ...flags, runner: runner.split(/\s+/).map(parseNamed) };
  } catch (error) {
    throw new UsageError(`Cannot take ${RUNNER_VARIABLE}=${runner} as ${messageOf(error)}`);
  }
}

/**
 * The runner that the flags choose, with those inside it.
 *
 * @throws {UsageError} if an option is not for any of them, or not what it should be.
 */
export async function runnerOf(flags: RunnerFlags): Promise<Runner> {
  return await toRunner(runnerForm(flags));
}

/** The runner of a form that flags gave. @throws {UsageError} if an option is not what it should be. */
export async function toRunner(form: JsonRunner): Promise<Runner> {
  try {
    return await loadRunner(form);
  } catch (error) {
    throw toUsageError(error);
  }
}

/**
 * The same as data, for which nothing is loaded. An option goes to the innermost runner that knows it.
 *
 * @throws {UsageError} if an option is not for any of them.
 */
export function runnerForm(flags: RunnerFlags): JsonRunner {
  const stack = flags.runner ?? [parseNamed("local")];
  checkStack(stack);
  const forms = stack.map(({ type, target }): JsonForm => ({
    type: type.kind,
    ...(target !== undefined && { [type.target!]: target }),
  }));
  for (const name of OPTIONS.keys()) {
    const value = optionValue(flags, name);
    if (value !== undefined) setOption(forms, name, value);
  }
  return forms.reduceRight((inner, form, index) => ({
    ...form,
    [innerOption(stack[index]!.type)!]: inner,
  }));
}

function setOption(forms: readonly JsonForm[], name: string, value: NonNullable<FlagValue>): void {
  const [flag, { kinds }] = [kebabCase(flagOf(name)), OPTIONS.get(name)!];
  const form = forms.findLast(({ type }) => kinds.includes(type));
  if (form === undefined) {
    const given = forms.map(({ type }) => type).join(", ");
    throw new UsageError(`Cannot use --${flag} with ${given} as it is for ${kinds.join(", ")}`);
  }
  if (name in form) throw new UsageError(`Cannot take -r ${form.type}:${form[name]} and --${flag}`);
  const spec = runnerType(form.type)!.options[name]!;
  requireKnown(spec, flag, value);
  requireInRange(spec, flag, value);
  form[name] = typeof value === "object" ? toMap(value, flag) : value;
}

/** @throws {UsageError} if the option can only be other words. */
function requireKnown({ values }: OptionSpec, flag: string, value: FlagValue): void {
  if (values === undefined || typeof value !== "string" || values.includes(value)) return;
  throw new UsageError(
    `Cannot take --${flag} ${JSON.stringify(value)} as it is none of ${values.join(", ")}` +
      didYouMean(value, values),
  );
}

/** The flag of an option; words that several kinds of runners share are said once. */
function toRunnerFlag({ spec, briefs, values }: Option) {
  const facts = [...briefs].map(([fact, kinds]) => `${fact} (${kinds.join(", ")})`).join("; ");
  return toFlag(spec, capitalized(facts), values);
}

/** @throws {UsageError} if a name is there twice. */
function toMap(entries: readonly FlagEntry[], flag: string): Record<string, Json> {
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return Object.fromEntries(entries);
  throw new UsageError(`Cannot take --${flag} with ${twice} twice`);
}
