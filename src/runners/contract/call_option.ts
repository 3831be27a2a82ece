// Describes, for the command line, the options of a function that a subcommand calls, such as
// `runCode`.

import type { OptionSpec } from "./option_spec.ts";

/** A spec for each option of a call, or why it has no flag; leaving one out is a type error. */
export type CallSpecs<Options> = Readonly<Record<keyof Options, CallOption>>;

/** An option of a call. */
export type CallOption = ValueSpec | FieldsSpec | NoFlag;

/** An option with a flag of its own. */
export interface ValueSpec extends Omit<OptionSpec, "type" | "flag" | "alias" | "noFlag"> {
  /** The flag of a `list` may be repeated; each gives one value. */
  readonly type: Exclude<OptionSpec["type"], "runner"> | "list";
  /** Its form on the command line, if that is not its own name and its plain value. */
  readonly flag?: {
    readonly name: string;
    readonly placeholder: string;
    /** Parses the value, or one value of a list. @throws {SyntaxError} if it is malformed. */
    readonly parse: (text: string) => string | number | readonly string[];
    /** What also separates values of a list: `,` for `--package gcc,make`. */
    readonly separator?: string;
  };
  /** What `--no-NAME` does, which gives `false` to an option that is not a boolean. */
  readonly off?: string;
}

/** An option that is an object; its fields have the flags. */
export interface FieldsSpec {
  readonly fields: Readonly<Record<string, CallOption>>;
}

/** An option without a flag. */
export interface NoFlag {
  /** The reason, or what sets the option instead. */
  readonly noFlag: string;
}

/**
 * Splits `HOST:GUEST` at its last colon.
 *
 * @returns the path in the guest, then the file on this machine
 * @throws {SyntaxError} if it has no colon, or nothing before it.
 */
export function parseGivenFile(text: string): readonly [string, string] {
  const colon = text.lastIndexOf(":");
  if (colon > 0) return [text.slice(colon + 1), text.slice(0, colon)];
  throw new SyntaxError(`"${text}" is not a file such as HOST:GUEST`);
}
