// How to run a pipeline.

import type { RunnerRef } from "./nodes.ts";
import type { RunEvent } from "./result.ts";
import type { RunObserver } from "./run_observer.ts";

/** How to run a pipeline. */
export interface RunOptions {
  /** Where the commands run that are not bound to a runner. @default local() */
  readonly runner?: RunnerRef;
  /** Ends the pipeline: SIGTERM, then SIGKILL a second later. `run` rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the pipeline is ended as by `signal`; its code is then 124. */
  readonly timeoutMs?: number;
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
