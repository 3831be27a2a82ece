// An option of a runner, as the command line and the JSON form have it.

import type { Json } from "../../model/nodes.ts";
import { type CountRange, requireCount } from "../../model/require_count.ts";

/** An option of a runner, for the command line and the JSON form. */
export interface OptionSpec {
  /** A map has strings, or objects of plain values, by name. A runner is another one, which runs inside. */
  readonly type: "boolean" | "string" | "number" | "map" | "runner";
  /** What it does, in a few words. */
  readonly summary: string;
  /** Of a number: what it may be. Builders, JSON and the command line check it, each in its own words. */
  readonly range?: CountRange;
  /** Of a boolean: that it is true unless told otherwise, so that `--no-NAME` turns it off. */
  readonly negatable?: true;
  /** Why it has no flag, and is only in TypeScript and JSON. A map without `entry` must say so. */
  readonly noFlag?: string;
  /** Of a map: the flag that gives one entry and may be repeated. */
  readonly entry?: {
    readonly flag: string;
    readonly placeholder: string;
    /** Reads name and value of an entry. @throws {SyntaxError} if it is none. */
    readonly parse: (text: string) => readonly [string, Json];
  };
  /** What it is on the command line, where that is not its name and plain value. */
  readonly flag?: {
    readonly name: string;
    readonly placeholder: string;
    /** Reads the value. @throws {SyntaxError} if it is none. */
    readonly parse: (text: string) => string | number;
  };
  /** Its one-letter name on the command line. */
  readonly alias?: string;
  /** What it is unless told otherwise, in a few words. */
  readonly defaultText?: string;
  /** All that it can be, where those are known words. */
  readonly values?: readonly string[];
  /** What a value names, so that a shell can complete it. */
  readonly names?: Named;
}

/** Something that is there: a file of this machine, an image of Docker's, a host that ssh knows. */
export type Named = "file" | "folder" | "docker image" | "ssh host" | "slurm partition";

/**
 * Name and value out of `NAME=VALUE`.
 *
 * @throws {SyntaxError} if it is none.
 */
export function parseOption(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new SyntaxError(`"${text}" is not NAME=VALUE`);
}

/**
 * Checks the numbers among the options of a builder.
 *
 * @param action what cannot be done with other values, such as `run by ssh`
 * @throws {RangeError} if one is out of the range that its spec has.
 */
export function requireNumbers(
  action: string,
  options: object,
  specs: Readonly<Record<string, object>>,
): void {
  const given = options as Readonly<Record<string, unknown>>;
  for (const [name, spec] of Object.entries(specs)) {
    const { range } = spec as { readonly range?: CountRange };
    if (range !== undefined) requireCount(action, { [name]: given[name] }, range);
  }
}
