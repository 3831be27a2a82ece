// How to run a pipeline.

import type { RunnerRef } from "./nodes.ts";
import type { RunEvent } from "./result.ts";
import type { RunObserver } from "./run_observer.ts";
import type { SignalSource } from "./signal_source.ts";

/** How to run a pipeline. */
export interface RunOptions {
  /** Where the commands run that are not bound to a runner. @default local() */
  readonly runner?: RunnerRef;
  /**
   * Ends the pipeline: SIGTERM, then SIGKILL a second later, or after `killAfterMs`. `run` rejects with its
   * reason.
   */
  readonly signal?: AbortSignal;
  /** Milliseconds after which commands get SIGTERM, and SIGKILL after `killAfterMs`; the code is then 124. */
  readonly timeoutMs?: number;
  /**
   * Milliseconds from SIGTERM to SIGKILL.
   * @default 10000 once the time is over, 1000 when `signal` is aborted
   */
  readonly killAfterMs?: number;
  /** Throw if the pipeline fails; otherwise the result says so. @default true */
  readonly check?: boolean;
  /** Called for each thing that happens, at once; what it throws ends the pipeline. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Watches the run as a whole, such as what `observe` gives. */
  readonly observer?: RunObserver;
  /**
   * What becomes of the stderr of commands that have no sink for it: passed on to ours with the last
   * 8 KiB kept, or ours itself with nothing kept.
   * @default "forward"
   */
  readonly stderr?: "forward" | "inherit";
}

/** With what is not of the public module. */
export type SignalledRunOptions = RunOptions & {
  /** Gives the commands signals, as they are: their own status counts. */
  readonly signals?: SignalSource | undefined;
};
