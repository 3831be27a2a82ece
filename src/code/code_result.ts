// What is known of code that was run.

import type { Artifact } from "../workspace/artifact.ts";
import type { LeftOut } from "../workspace/archive_changes.ts";
import type { CodeEnd, OutputMode } from "./run_options.ts";

/** What became of code, as data. */
export interface CodeResult extends CodeEnd, CodeOutputs {
  /** What it wrote, as UTF-8; see `truncated`. */
  readonly stdout: string;
  /** What it wrote beside, likewise. */
  readonly stderr: string;
  /** Whether it wrote more than was kept. */
  readonly truncated: boolean;
  /** Whether it was ended as its time was over. */
  readonly timedOut: boolean;
  /** Whether the kernel killed a process for want of memory, or could not go on for it. */
  readonly oomKilled: boolean;
  /** What became of the machine, if it did not outlive the code: `the guest panicked (...)`; else null. */
  readonly failure: string | null;
  /** From when its machine was there until it had ended. */
  readonly durationMs: number;
}

/** What code left behind. */
export interface CodeOutputs {
  /** Which outputs were asked for. */
  readonly outputMode: OutputMode;
  /**
   * A folder with `files`, in which `/workspace/a` is `workspace/a`, and `manifest.json`; or null. One that
   * was asked for is the caller's. Otherwise it is there only if files came out, belongs to this process, and
   * is removed when that ends, however it does: move it to keep it, or remove it before.
   */
  readonly outputsDir: string | null;
  /** Path of the tar that was asked for, in which `/workspace/a` is `workspace/a`; or null. */
  readonly outputsTar: string | null;
  /** What it created, changed and deleted, in the order of the paths. */
  readonly artifacts: readonly Artifact[];
  /** Those among them that are not in the folder or tar, and why. */
  readonly leftOut: readonly LeftOut[];
  /** Whether there was too much to look at all of it. */
  readonly outputsTruncated: boolean;
  /** Why its disk cannot be read, or outputs not be written, if so; then there is nothing of them here. */
  readonly outputsFailure: string | null;
}
