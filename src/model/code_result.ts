// The result of code: of `runCode`, and of a stage that runs code.

import type { SignalName } from "../libc/signals.ts";
import type { LeftOut } from "../workspace/archive_changes.ts";
import type { Artifact } from "../workspace/artifact.ts";

/** Which outputs to extract from the machine. */
export type OutputMode = "diff" | "all" | "none" | "paths";

/** How code ended. */
export interface CodeEnd {
  /** The exit code; null if the code did not exit by itself. */
  readonly exitStatus: number | null;
  /** The signal that ended the code; null if none did. */
  readonly signal: SignalName | null;
}

/** The result of running code, as plain data. */
export interface CodeResult extends CodeEnd, CodeOutputs {
  /** The stdout of the code, decoded as UTF-8; see `truncated`. */
  readonly stdout: string;
  /** The stderr of the code, decoded as UTF-8; see `truncated`. */
  readonly stderr: string;
  /** Whether stdout or stderr exceeded `maxOutputBytes`; the rest was dropped. */
  readonly truncated: boolean;
  /** Whether the code was ended because it reached its time limit. */
  readonly timedOut: boolean;
  /** Whether the guest's kernel ran out of memory, and killed a process or panicked. */
  readonly oomKilled: boolean;
  /** Why the machine ended before the code did, such as `the guest panicked (...)`; else null. */
  readonly failure: string | null;
  /** Milliseconds from when the machine was ready until the code had ended. */
  readonly durationMs: number;
}

/** The outputs of code: the files that it created, changed and deleted. */
export interface CodeOutputs {
  /** Which outputs were requested. */
  readonly outputMode: OutputMode;
  /**
   * Path of a folder with `files`, in which `/workspace/a` is `workspace/a`, and `manifest.json`;
   * or null. A requested folder is the caller's. A temporary one exists only if there are outputs,
   * and is removed when this process ends: move it to keep it, or remove it earlier.
   */
  readonly outputsDir: string | null;
  /** Path of the requested tar, in which `/workspace/a` is `workspace/a`; or null. */
  readonly outputsTar: string | null;
  /** What the code created, changed and deleted, ordered by path. */
  readonly artifacts: readonly Artifact[];
  /** The artifacts that are not in the folder or tar, with the reason. */
  readonly leftOut: readonly LeftOut[];
  /** Whether there were too many outputs to list them all. */
  readonly outputsTruncated: boolean;
  /**
   * Why the disk cannot be read, or outputs cannot be written; else null. There are no outputs
   * then.
   */
  readonly outputsFailure: string | null;
}

/**
 * The result of a stage that runs code: that of `runCode` without stdout, which goes to the next
 * block, and stderr, whose end is the `stderrTail` of the stage.
 */
export type CodeStageResult = Omit<CodeResult, "stdout" | "stderr" | "truncated">;
