// The flags that choose and configure a runner, made from the list of runners.

import { messageOf, UsageError } from "../../model/errors.ts";
import { COPY_OPTION_NAMES } from "../../model/copy_options.ts";
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
import { didYouMean } from "../../model/did_you_mean.ts";

/** The environment variable with the default of `-r`. */
export const RUNNER_VARIABLE = "EXECVM_RUNNER";

/** An entry of a map, as parsed from a flag. */
type FlagEntry = readonly [string, Json];

/** The parsed value of a flag. */
type FlagValue = boolean | string | number | readonly FlagEntry[] | undefined;

/** The JSON form of a runner while it is being assembled. */
type JsonForm = { type: string; [option: string]: Json };

/**
 * The values of the runner flags; those of the options have names that only the table of options
 * has.
 */
export interface RunnerFlags {
  /** The outermost first. */
  readonly runner?: readonly NamedRunner[];
}

/** An option that one or more kinds of runners have, each with its own summary. */
interface Option {
  readonly spec: OptionSpec;
  readonly kinds: readonly string[];
  readonly briefs: ReadonlyMap<string, readonly string[]>;
  /** All known values, over all kinds. */
  readonly values: readonly string[];
}

/** The options of all runners by name, without those that have no flag. */
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
    brief: `Where to run: ${KINDS.join(", ")} (default: local); a second -r runs inside the first`,
    placeholder: "RUNNER",
    variadic: true,
    optional: true,
  },
} as const;

/**
 * The flags, in stricli's form; their type names only `runner`, as the others come from the table.
 */
export const RUNNER_FLAGS: typeof KIND_FLAG = {
  ...KIND_FLAG,
  ...Object.fromEntries([...OPTIONS].map(([name, option]) => [flagOf(name), toRunnerFlag(option)])),
};

/** The one-letter names of runner flags. */
export const RUNNER_ALIASES: { readonly r: "runner" } = Object.assign(
  { r: "runner" } as const,
  Object.fromEntries(
    [...OPTIONS].flatMap(([name, { spec: { alias } }]) =>
      alias === undefined ? [] : [[alias, name]]
    ),
  ),
);

/**
 * Returns the value of an option of a runner, or undefined.
 *
 * @param name of the option, not of its flag
 */
export function optionValue(flags: RunnerFlags, name: string): FlagValue {
  return (flags as Readonly<Record<string, FlagValue>>)[flagOf(name)];
}

/** Returns the flag of an option of a runner, in camelCase; the flag of a map gives one entry. */
export function flagOf(name: string): string {
  return flagName(name, OPTIONS.get(name)?.spec ?? {});
}

/**
 * Returns the flags with the runner of `EXECVM_RUNNER` if they have none; several words nest, the
 * outermost first.
 *
 * @throws {UsageError} if the variable does not name a runner.
 */
export function withDefaultRunner<Flags extends RunnerFlags>(flags: Flags): Flags {
  const runner = (Deno.env.get(RUNNER_VARIABLE) ?? "").trim();
  if (flags.runner !== undefined || runner === "") return flags;
  try {
    return { ...flags, runner: runner.split(/\s+/).map(parseNamed) };
  } catch (error) {
    throw new UsageError(`cannot take ${RUNNER_VARIABLE}=${runner}: ${messageOf(error)}`);
  }
}

/**
 * Makes the runner that the flags choose, with the runners inside it. The caller disposes it.
 *
 * @throws {UsageError} if an option belongs to none of them or is invalid.
 */
export async function runnerOf(flags: RunnerFlags): Promise<Runner> {
  return await toRunner(runnerForm(flags));
}

/** Makes a runner from its JSON form. @throws {UsageError} if an option is invalid. */
export async function toRunner(form: JsonRunner): Promise<Runner> {
  try {
    return await loadRunner(form);
  } catch (error) {
    throw toUsageError(error);
  }
}

/**
 * Returns the JSON form of the runner that the flags choose; no runner is loaded for that. An
 * option goes to the innermost runner that has it.
 *
 * @throws {UsageError} if an option belongs to none of them.
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
    const isCopy = COPY_OPTION_NAMES.some((copy) => copy === name) && given === "local";
    const why = isCopy ? "its commands use the files of this machine: " : "";
    throw new UsageError(`cannot use --${flag} with ${given}: ${why}it is for ${kinds.join(", ")}`);
  }
  if (name in form) {
    const given = `-r ${form.type}:${form[name]}`;
    throw new UsageError(`cannot take ${given} and --${flag}: they set the same option`);
  }
  const spec = runnerType(form.type)!.options[name]!;
  requireKnown(spec, flag, value);
  requireInRange(spec, flag, value);
  form[name] = typeof value === "object" ? toMap(value, flag) : value;
}

/** @throws {UsageError} if the option has known values and this is none of them. */
function requireKnown({ values }: OptionSpec, flag: string, value: FlagValue): void {
  if (values === undefined || typeof value !== "string" || values.includes(value)) return;
  throw new UsageError(
    `cannot take --${flag} ${JSON.stringify(value)}: it must be one of ${values.join(", ")}` +
      didYouMean(value, values),
  );
}

/** The flag of an option; a summary that several kinds of runners share appears once. */
function toRunnerFlag({ spec, briefs, values }: Option) {
  const facts = [...briefs].map(([fact, kinds]) => `${fact} (${kinds.join(", ")})`).join("; ");
  return toFlag(spec, capitalized(facts), values);
}

/** @throws {UsageError} if a name occurs twice. */
function toMap(entries: readonly FlagEntry[], flag: string): Record<string, Json> {
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return Object.fromEntries(entries);
  throw new UsageError(`cannot take --${flag} ${twice} again: it is given twice`);
}
