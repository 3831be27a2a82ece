// What a row of the conformance table gets and is.

import type { Runner } from "../../mod.ts";

/** A runner under test. */
export interface Subject {
  /** Its name in the names of the tests. */
  readonly name: string;
  /** Makes the runner, for one row. */
  readonly runner: () => Runner;
  /** Makes it with a terminal for each command; or says why there cannot be one, as its error does. */
  readonly terminal: (() => Runner) | { readonly runner: () => Runner; readonly refusal: RegExp };
  /** What is still there of a run beside processes of this machine that carry its mark. */
  readonly leftovers?: (mark: string) => Promise<string[]>;
  /** Programs and files without which a user's machine skips it. */
  readonly needs?: readonly string[];
  /** A start takes seconds: rows that start very many take a sample. */
  readonly isSlow?: boolean;
  /** Bytes pass at tens of MB a second: rows that move very many take a part. */
  readonly isNarrow?: boolean;
  /** Its processor is emulated: what can be computed here is. */
  readonly isEmulated?: boolean;
  /** Why a code of 128+n is told as the death by signal n, if it is. */
  readonly codesAreSignals?: string;
  /** Why a cwd that is not there is made and not refused, if it is. */
  readonly makesFolders?: string;
  /** Why a terminal has its size only a moment after the command has started, if it has. */
  readonly sizesTerminalLate?: string;
  /** Signals that the runner does not send as they are, each with the reason. */
  readonly withheldSignals?: Readonly<Record<string, string>>;
  /** The code of a program of another architecture, where `sh` is asked about it. @default 126 */
  readonly foreignProgramCode?: number;
}

/** One row: a name that says what holds, and a check that fails where it does not. */
export interface Row {
  readonly name: string;
  check(subject: Subject): Promise<void>;
}
