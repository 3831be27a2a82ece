// An option of a function that a subcommand calls, such as `runCode`, as the command line has it.

import type { OptionSpec } from "./option_spec.ts";

/** A spec for each option of a call, or why it has no flag: one that is left out does not type-check. */
export type CallSpecs<Options> = Readonly<Record<keyof Options, CallOption>>;

/** An option of a call. */
export type CallOption = ValueSpec | FieldsSpec | NoFlag;

/** An option with a flag of its own. */
export interface ValueSpec extends Omit<OptionSpec, "type" | "flag" | "alias" | "noFlag"> {
  /** A list has a flag that may be repeated, each time with one of its values. */
  readonly type: Exclude<OptionSpec["type"], "runner"> | "list";
  /** What it is on the command line, where that is not its name and plain value. */
  readonly flag?: {
    readonly name: string;
    readonly placeholder: string;
    /** Reads the value, or one of a list. @throws {SyntaxError} if it is none. */
    readonly parse: (text: string) => string | number | readonly string[];
  };
  /** What `--no-NAME` does, which gives `false` to an option that is not a boolean. */
  readonly off?: string;
}

/** An option that is an object, whose fields have flags. */
export interface FieldsSpec {
  readonly fields: Readonly<Record<string, CallOption>>;
}

/** An option that no flag gives. */
export interface NoFlag {
  /** Why, or what gives it. */
  readonly noFlag: string;
}

/**
 * The path in the guest, and the file of this machine, out of `HOST:GUEST`; the last colon counts.
 *
 * @throws {SyntaxError} if it is none.
 */
export function parseGivenFile(text: string): readonly [string, string] {
  const colon = text.lastIndexOf(":");
  if (colon > 0) return [text.slice(colon + 1), text.slice(0, colon)];
  throw new SyntaxError(`"${text}" is not a file such as HOST:GUEST`);
}
