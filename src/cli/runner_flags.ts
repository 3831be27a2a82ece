// The options that choose and configure a runner, made from the list of runners.

import type { Json } from "../blocks/nodes.ts";
import { RUNNER_TYPES } from "../runners/mod.ts";
import type { OptionSpec, Runner } from "../runners/runner.ts";
import { messageOf, UsageError } from "../errors.ts";
import { type Propose, proposeNamed, proposeRunners, proposeWords } from "./propose.ts";
import { didYouMean } from "./suggest.ts";

/** The variable that says where to run when `-r` does not. */
export const RUNNER_VARIABLE = "EXECVM_RUNNER";

/** An entry of a map, as a flag gives it. */
type FlagEntry = readonly [string, Json];

/** A value as the command line gives it. */
type FlagValue = boolean | string | number | readonly FlagEntry[] | undefined;

/** What was said on the command line about the runner; its own options are beside it. */
export interface RunnerFlags {
  readonly runner?: string;
}

/** The kinds, each with the option that may stand beside it. */
const KINDS = RUNNER_TYPES.map(({ kind, place }) =>
  place === undefined ? kind : `${kind}[:${place.toUpperCase()}]`
);

const KIND_NAMES = RUNNER_TYPES.map(({ kind }) => kind);

/** An option that one or more kinds of runners have, each with its own words for what it does. */
interface Option {
  readonly spec: OptionSpec;
  readonly kinds: readonly string[];
  readonly briefs: ReadonlyMap<string, readonly string[]>;
  /** All the words that it can be, of any kind. */
  readonly values: readonly string[];
}

/** The options of all runners by name. A map of which no flag gives an entry is for JSON only. */
const OPTIONS = new Map<string, Option>();
for (const { kind, options } of RUNNER_TYPES) {
  for (const [name, spec] of Object.entries(options)) {
    if (spec.type === "map" && spec.entry === undefined) continue;
    const { kinds, briefs, values } = OPTIONS.get(name) ??
      { kinds: [], briefs: new Map(), values: [] };
    const said = [...briefs.get(spec.brief) ?? [], kind];
    OPTIONS.set(name, {
      spec,
      kinds: [...kinds, kind],
      briefs: new Map([...briefs, [spec.brief, said]]),
      values: [...new Set([...values, ...spec.values ?? []])],
    });
  }
}

const KIND_FLAG = {
  runner: {
    kind: "parsed",
    parse: parseKind,
    proposeCompletions: proposeRunners,
    brief: `Where to run: ${KINDS.join(", ")} (default: local)`,
    placeholder: "RUNNER",
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
export function flagOf(name: string): string {
  const spec = OPTIONS.get(name)?.spec;
  return spec?.entry?.flag ?? spec?.flag?.name ?? name;
}

/** The flags with the runner of the environment, if they have none. @throws {UsageError} if that is no runner. */
export function withDefaultRunner<Flags extends RunnerFlags>(flags: Flags): Flags {
  const runner = Deno.env.get(RUNNER_VARIABLE) ?? "";
  if (flags.runner !== undefined || runner === "") return flags;
  try {
    return { ...flags, runner: parseKind(runner) };
  } catch (error) {
    throw new UsageError(`Cannot take ${RUNNER_VARIABLE}=${runner} as ${messageOf(error)}`);
  }
}

/** The runner that the flags choose. @throws {UsageError} if an option is not one of its own. */
export function runnerOf(flags: RunnerFlags): Runner {
  const { kind, place } = splitKind(flags.runner ?? "local");
  const type = RUNNER_TYPES.find((candidate) => candidate.kind === kind)!;
  const options: Record<string, Json> = {};
  if (place !== undefined) options[type.place!] = place;
  for (const [name, { kinds }] of OPTIONS) {
    const value = optionValue(flags, name);
    if (value === undefined) continue;
    if (!kinds.includes(kind)) {
      throw new UsageError(
        `Cannot use --${flagOf(name)} with ${kind} as it is for ${kinds.join(", ")}`,
      );
    }
    if (name in options) throw new UsageError(`Cannot take -r ${flags.runner} and --${name}`);
    requireKnown(type.options[name]!, flagOf(name), value);
    options[name] = typeof value === "object" ? toMap(value, flagOf(name)) : value;
  }
  try {
    return type.create(options);
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
    throw new UsageError(error.message);
  }
}

/** @throws {UsageError} if the option can only be other words. */
function requireKnown({ values }: OptionSpec, flag: string, value: FlagValue): void {
  if (values === undefined || typeof value !== "string" || values.includes(value)) return;
  throw new UsageError(
    `Cannot take --${flag} ${JSON.stringify(value)} as it is none of ${values.join(", ")}` +
      didYouMean(value, values),
  );
}

/** What a shell can complete the value of an option to. */
function proposeOf({ spec: { names }, values }: Option): { proposeCompletions?: Propose } {
  if (values.length > 0) return { proposeCompletions: proposeWords(values) };
  return names === undefined ? {} : { proposeCompletions: proposeNamed(names) };
}

function toFlag(option: Option) {
  const { spec, briefs } = option;
  const proposed = proposeOf(option);
  const facts = [...briefs].map(([fact, kinds]) => `${fact} (${kinds.join(", ")})`).join("; ");
  const brief = `${facts[0]!.toUpperCase()}${facts.slice(1)}`;
  if (spec.type === "boolean") {
    return { kind: "boolean", brief, optional: true, withNegated: spec.isOn === true } as const;
  }
  if (spec.entry !== undefined) {
    const { parse, placeholder } = spec.entry;
    const entry = { kind: "parsed", parse, placeholder, brief, ...proposed } as const;
    return { ...entry, optional: true, variadic: true } as const;
  }
  if (spec.flag !== undefined) {
    const { parse, placeholder } = spec.flag;
    return { kind: "parsed", parse, placeholder, brief, ...proposed, optional: true } as const;
  }
  const parse = spec.type === "number" ? parseNumber : String;
  const placeholder = placeholderOf(spec);
  return { kind: "parsed", parse, placeholder, brief, ...proposed, optional: true } as const;
}

/** What stands for the value of an option, which is no boolean, in help. */
export function placeholderOf({ type, entry, flag, names, values }: OptionSpec): string {
  const own = entry?.placeholder ?? flag?.placeholder ?? values?.join("|");
  if (own !== undefined) return own;
  if (type === "number") return "N";
  if (names === undefined) return "VALUE";
  return { file: "PATH", folder: "DIR", "docker image": "IMAGE", "ssh host": "HOST" }[names];
}

/** @throws {UsageError} if a name is there twice. */
function toMap(entries: readonly FlagEntry[], flag: string): Record<string, Json> {
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return Object.fromEntries(entries);
  throw new UsageError(`Cannot take --${flag} with ${twice} twice`);
}

/** A kind, and what may stand behind it: `ssh:HOST`. */
function splitKind(text: string): { readonly kind: string; readonly place?: string } {
  const colon = text.indexOf(":");
  if (colon < 0) return { kind: text };
  return { kind: text.slice(0, colon), place: text.slice(colon + 1) };
}

/** A kind of runner, and what may stand behind it. @throws {SyntaxError} if it is none. */
export function parseKind(text: string): string {
  const { kind, place } = splitKind(text);
  const type = RUNNER_TYPES.find((candidate) => candidate.kind === kind);
  if (type !== undefined && (place === undefined || type.place !== undefined)) return text;
  const meant = type === undefined ? didYouMean(kind, KIND_NAMES) : "";
  throw new SyntaxError(`it is no runner: take one of ${KINDS.join(", ")}${meant}`);
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || Number.isNaN(number)) throw new SyntaxError(`"${text}" is no number`);
  return number;
}
