// The flag of an option, made from its spec.

import { UsageError } from "../../model/errors.ts";
import { countFault } from "../../model/require_count.ts";
import type { ValueSpec } from "../../runners/contract/call_option.ts";
import type { Named, OptionSpec } from "../../runners/contract/option_spec.ts";
import { kebabCase } from "./routes.ts";
import { type Completions, completionsOf, wordCompletions } from "./completions.ts";

/** What a flag is made from: an option of a runner, or of a call. */
export type FlagSpec = OptionSpec | ValueSpec;

/** What stands for a value by what it names. */
const NAMED: Readonly<Record<Named, string>> = {
  file: "PATH",
  folder: "DIR",
  "docker image": "IMAGE",
  "ssh host": "HOST",
  "slurm partition": "PARTITION",
};

/** A flag, as stricli takes it. */
export type OptionFlag =
  | {
    readonly kind: "boolean";
    readonly brief: string;
    readonly optional: true;
    readonly withNegated: boolean;
  }
  | {
    readonly kind: "parsed";
    readonly parse: (text: string) => unknown;
    readonly placeholder: string;
    readonly brief: string;
    readonly proposeCompletions?: Completions;
    readonly optional: true;
    readonly variadic?: true;
  };

/** The name of the flag of an option, which for a map gives one of its entries. */
export function flagName(name: string, { entry, flag }: Pick<FlagSpec, "entry" | "flag">): string {
  return entry?.flag ?? flag?.name ?? name;
}

/** What stands for the value of an option, which is no boolean, in help. */
export function placeholderOf({ type, entry, flag, names, values }: FlagSpec): string {
  const own = entry?.placeholder ?? flag?.placeholder ?? values?.join("|");
  if (own !== undefined) return own;
  if (type === "number") return "N";
  if (names === undefined) return "VALUE";
  return NAMED[names];
}

/**
 * The flag, for stricli. One of a map or a list may be repeated.
 *
 * @param values what a shell completes the value to, where those are known words; they are not checked
 */
export function toFlag(
  spec: FlagSpec,
  brief: string,
  values: readonly string[] = [],
): OptionFlag {
  const { type, entry, flag, names } = spec;
  if (type === "boolean") {
    return { kind: "boolean", brief, optional: true, withNegated: spec.negatable === true };
  }
  return {
    kind: "parsed",
    parse: entry?.parse ?? flag?.parse ?? (type === "number" ? parseNumber : String),
    placeholder: placeholderOf(spec),
    brief,
    ...proposeOf(names, values),
    optional: true,
    ...((type === "map" || type === "list") && { variadic: true }),
  };
}

/** @throws {UsageError} if a number is out of the range of its option; it names the flag. */
export function requireInRange({ range, flag }: FlagSpec, name: string, value: unknown): void {
  const fault = range === undefined ? undefined : countFault(value, range);
  if (fault === undefined) return;
  const unit = flag === undefined ? "" : flag.placeholder.startsWith("MIB") ? " MiB" : " ms";
  throw new UsageError(`Cannot take --${kebabCase(name)} ${value}${unit} as it ${fault}`);
}

/** The same text as the begin of a sentence. */
export function capitalized(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}

/** What a shell can complete a value to. */
function proposeOf(
  names: Named | undefined,
  values: readonly string[],
): { proposeCompletions?: Completions } {
  if (values.length > 0) return { proposeCompletions: wordCompletions(values) };
  return names === undefined ? {} : { proposeCompletions: completionsOf(names) };
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || Number.isNaN(number)) throw new SyntaxError(`"${text}" is no number`);
  return number;
}
