// Makes the flag of an option from its spec.

import { UsageError } from "../../model/errors.ts";
import { countFault } from "../../model/require_count.ts";
import type { ValueSpec } from "../../runners/contract/call_option.ts";
import type { Named, OptionSpec } from "../../runners/contract/option_spec.ts";
import { kebabCase } from "./routes.ts";
import { type Completions, completionsOf, wordCompletions } from "./completions.ts";

/** The spec that a flag is made from: an option of a runner, or of a call. */
export type FlagSpec = OptionSpec | ValueSpec;

/** The placeholder of a value, by the kind of thing that it names. */
const NAMED: Readonly<Record<Named, string>> = {
  file: "PATH",
  folder: "DIR",
  root: "IMAGE|PATH",
  kernel: "RELEASE|PATH",
  "docker image": "IMAGE",
  "ssh host": "HOST",
  "slurm partition": "PARTITION",
};

/** A flag in stricli's form. */
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
    /** Whether it may be repeated; a string also separates the values of one word. */
    readonly variadic?: true | string;
  };

/** Returns the name of the flag of an option, in camelCase; the flag of a map gives one entry. */
export function flagName(name: string, { entry, flag }: Pick<FlagSpec, "entry" | "flag">): string {
  return entry?.flag ?? flag?.name ?? name;
}

/** Returns the placeholder that help shows for the value of an option that is not a boolean. */
export function placeholderOf(spec: FlagSpec): string {
  const { type, entry, flag, names, values } = spec;
  const own = entry?.placeholder ?? flag?.placeholder ?? spec.placeholder ?? values?.join("|");
  if (own !== undefined) return own;
  if (type === "number") return "N";
  if (names === undefined) return "VALUE";
  return NAMED[names];
}

/**
 * Makes the flag of an option, in stricli's form. The flag of a map or a list may be repeated.
 *
 * @param brief the text that help shows
 * @param values words to offer for completion; the parser does not enforce them
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
    ...((type === "map" || type === "list") && { variadic: separatorOf(flag) ?? true }),
  };
}

function separatorOf(flag: FlagSpec["flag"]): string | undefined {
  return flag !== undefined && "separator" in flag ? flag.separator : undefined;
}

/**
 * Checks a number against the range of its option.
 *
 * @param name of the flag, in camelCase
 * @throws {UsageError} if it is out of range; the message names the flag.
 */
export function requireInRange({ range, flag }: FlagSpec, name: string, value: unknown): void {
  const fault = range === undefined ? undefined : countFault(value, range);
  if (fault === undefined) return;
  const unit = flag === undefined ? "" : flag.placeholder.startsWith("MIB") ? " MiB" : " ms";
  throw new UsageError(`cannot take --${kebabCase(name)} ${value}${unit}: it ${fault}`);
}

/** Returns the text with its first letter in upper case. */
export function capitalized(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}

/** The completion hook of a value, if there is one. */
function proposeOf(
  names: Named | undefined,
  values: readonly string[],
): { proposeCompletions?: Completions } {
  if (values.length > 0) return { proposeCompletions: wordCompletions(values) };
  return names === undefined ? {} : { proposeCompletions: completionsOf(names) };
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || Number.isNaN(number)) {
    throw new SyntaxError(`"${text}" is not a number`);
  }
  return number;
}
