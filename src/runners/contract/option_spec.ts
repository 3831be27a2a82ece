// Describes an option of a runner for the command line, its help and the JSON form.

import type { Json } from "../../model/nodes.ts";
import { type CountRange, requireCount } from "../../model/require_count.ts";

/** The description of one option of a runner. */
export interface OptionSpec {
  /**
   * A `map` has names as keys, and strings or flat objects as values. A `runner` is one that runs
   * inside.
   */
  readonly type: "boolean" | "string" | "number" | "map" | "runner";
  /** What it does, in a few words. */
  readonly summary: string;
  /** The range of a number, which builders, the JSON schema and the command line each check. */
  readonly range?: CountRange;
  /** Set on a boolean whose default is true; `--no-NAME` turns it off. */
  readonly negatable?: true;
  /**
   * Why it has no flag and is only available in TypeScript and JSON. A map without `entry` must
   * have this.
   */
  readonly noFlag?: string;
  /** For a map: the flag that sets one entry and may be repeated. */
  readonly entry?: {
    readonly flag: string;
    readonly placeholder: string;
    /** Parses an entry into its name and value. @throws {SyntaxError} if it is malformed. */
    readonly parse: (text: string) => readonly [string, Json];
  };
  /** Its form on the command line, if that is not its own name and its plain value. */
  readonly flag?: {
    readonly name: string;
    readonly placeholder: string;
    /** Parses the value. @throws {SyntaxError} if it is malformed. */
    readonly parse: (text: string) => string | number;
  };
  /** Its one-letter name on the command line. */
  readonly alias?: string;
  /** What help shows for its value, such as `USER`, if that is not a path or a thing that exists. */
  readonly placeholder?: string;
  /** The default, in a few words. */
  readonly defaultText?: string;
  /** All possible values, if it takes fixed words. */
  readonly values?: readonly string[];
  /** The kind of thing that a value names, for shell completion. */
  readonly names?: Named;
  /** Set if it names files of this machine, which restricted callers may not reach. */
  readonly hostPaths?: HostPaths;
}

/** Paths of this machine in the value of an option. */
export interface HostPaths {
  /** What is done with what is there. */
  readonly use: "read" | "write" | "run";
  /** The part of a map that is paths. @default "values" */
  readonly of?: "keys" | "values";
}

/** Kinds of existing things that shell completion can list. */
export type Named =
  | "file"
  | "folder"
  | "root"
  | "kernel"
  | "docker image"
  | "ssh host"
  | "slurm partition";

/**
 * Splits `NAME=VALUE` at its first `=`.
 *
 * @throws {SyntaxError} if it has no `=`, or nothing before it.
 */
export function parseOption(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new SyntaxError(`"${text}" is not NAME=VALUE`);
}

/**
 * Checks the numbers among the options of a builder against the ranges of their specs.
 *
 * @param action what the error says cannot be done, such as `run by ssh`
 * @throws {RangeError} if one is out of its range.
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
