// The types of a row of the conformance table and of the runner under test.

import type { CopyOptions, Runner } from "../../mod.ts";

/** A runner under test. */
export interface Subject {
  /** Its name in the names of the tests. */
  readonly name: string;
  /** Makes a runner for one row. */
  readonly runner: () => Runner;
  /** Makes one with a terminal for each command; or the error why there cannot be one. */
  readonly terminal: (() => Runner) | { readonly runner: () => Runner; readonly refusal: RegExp };
  /** Makes one that copies files, which the caller disposes; none if its files are this machine's. */
  readonly copying?: (options: CopyOptions) => Runner;
  /** Whether a run with relative paths has a folder of its own, on this machine. */
  readonly hasRunFolder?: boolean;
  /** Returns what is left of a run, besides processes on this machine with its mark. */
  readonly leftovers?: (mark: string) => Promise<string[]>;
  /** The programs and files without which a user's machine skips the table. */
  readonly needs?: readonly string[];
  /** A start takes seconds: rows with very many starts use a sample. */
  readonly isSlow?: boolean;
  /** Throughput is tens of MB per second: rows that move very many bytes use fewer. */
  readonly isNarrow?: boolean;
  /** Its processor is emulated: rows compute on this machine where possible. */
  readonly isEmulated?: boolean;
  /** Why a code of 128+n is reported as the death by signal n, if it is. */
  readonly codesAreSignals?: string;
  /** Why a cwd that does not exist is created and not refused, if it is. */
  readonly makesFolders?: string;
  /** Why a terminal gets its size only a moment after the command has started, if so. */
  readonly sizesTerminalLate?: string;
  /** Signals that the runner does not send unchanged, each with the reason. */
  readonly withheldSignals?: Readonly<Record<string, string>>;
  /** The exit code for a program of another architecture, if `sh` starts it. @default 126 */
  readonly foreignProgramCode?: number;
}

/** One row: a name that states a rule, and a check that fails if the rule does not hold. */
export interface Row {
  readonly name: string;
  check(subject: Subject): Promise<void>;
}
