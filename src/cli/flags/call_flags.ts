// Makes the flags of a subcommand from the option table of the function that it calls (such as
// `runCode`), and reads the options back from the flags.

import { UsageError } from "../../model/errors.ts";
import { onlyGiven } from "../../model/pick_given.ts";
import type { CallOption, CallSpecs, ValueSpec } from "../../runners/contract/call_option.ts";
import { enumParser } from "./enum_parser.ts";
import { capitalized, flagName, type OptionFlag, requireInRange, toFlag } from "./option_flag.ts";
import { kebabCase } from "./routes.ts";

type Table = Readonly<Record<string, CallOption>>;

/**
 * Makes the flags of all options that have one. Their type has no names: those are only in the
 * table.
 */
export function callFlags(table: Table): Readonly<Record<never, never>> {
  return Object.fromEntries(flagsOf(table));
}

function flagsOf(table: Table): readonly (readonly [string, OptionFlag])[] {
  return Object.entries(table).flatMap(([name, option]) => {
    if ("noFlag" in option) return [];
    return "fields" in option ? flagsOf(option.fields) : valueFlags(name, option);
  });
}

function valueFlags(name: string, spec: ValueSpec): readonly (readonly [string, OptionFlag])[] {
  const { summary, negatable, defaultText, values, off } = spec;
  const fact = negatable === true ? `Do not ${summary}` : capitalized(summary);
  const tail = defaultText === undefined ? "" : ` (default: ${defaultText})`;
  const plain = toFlag(spec, `${fact}${tail}`);
  const own = plain.kind === "parsed" && values ? { ...plain, ...enumParser(values) } : plain;
  const flag = flagName(name, spec);
  if (off === undefined) return [[flag, own]];
  const offOwn = toFlag({ type: "boolean", summary: off }, capitalized(off));
  return [[flag, own], [offFlag(flag), offOwn]];
}

function offFlag(flag: string): string {
  return `no${capitalized(flag)}`;
}

/**
 * Reads the options of a call from flags; options that are not given are absent.
 *
 * @param flags the values that stricli parsed; the table's parsers ensure their types
 * @throws {UsageError} if an option has both a value and its `--no-` flag, or a number is out of
 * range.
 */
export function callOptions<Options>(table: CallSpecs<Options>, flags: object): Partial<Options> {
  return readTable(table, flags as FlagValues) as Partial<Options>;
}

type FlagValues = Readonly<Record<string, unknown>>;

function readTable(table: Table, flags: FlagValues): FlagValues {
  const read = Object.entries(table)
    .map(([name, option]) => [name, readOption(name, option, flags)] as const);
  return onlyGiven(Object.fromEntries(read));
}

function readOption(name: string, option: CallOption, flags: FlagValues): unknown {
  if ("noFlag" in option) return undefined;
  if ("fields" in option) {
    const fields = readTable(option.fields, flags);
    return Object.keys(fields).length === 0 ? undefined : fields;
  }
  const flag = flagName(name, option);
  const value = flags[flag];
  if (option.off !== undefined && flags[offFlag(flag)] === true) {
    if (value === undefined) return false;
    const long = kebabCase(flag);
    throw new UsageError(`cannot take --${long} and --no-${long}: they exclude each other`);
  }
  if (value !== undefined) requireInRange(option, flag, value);
  if (option.type !== "map" || value === undefined) return value;
  return Object.fromEntries(value as readonly (readonly [string, unknown])[]);
}
