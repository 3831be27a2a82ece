// What running a pipeline takes and gives.

import type { Computer } from "./blocks/nodes.ts";
import type { SignalName } from "./libc/signals.ts";
import type { RunObserver } from "./run_observer.ts";

/** How to run a pipeline. */
export interface RunOptions {
  /** Where the commands run that are not bound to a runner. @default local() */
  readonly runner?: Computer;
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

/** What happens while a pipeline runs. `stage` is the index among the stages. */
export type RunEvent =
  | { readonly type: "start"; readonly stage: number; readonly argv: readonly string[] }
  | PhaseEvent
  | EndEvent;

/** A stage has ended. */
export interface EndEvent {
  /** Which event it is. */
  readonly type: "end";
  /** The index of the stage. */
  readonly stage: number;
  /** How it went. */
  readonly result: StageResult;
  /** Why its runner failed, if it did: nothing is known of the command then, and `result` says SIGKILL. */
  readonly error?: unknown;
}

/** What the runner does for a stage from now on, until its next phase or its end. */
export interface PhaseEvent {
  /** Which event it is. */
  readonly type: "phase";
  /** The index of the stage. */
  readonly stage: number;
  /** A word of the runner's, such as `queued`, `booting` or `running`. */
  readonly phase: string;
  /** A line for people, such as why it waits. */
  readonly detail?: string;
}

/** Bytes of a stage, where they are known: not through a pipe between two commands. */
export interface StageBytes {
  /** Bytes it was fed. */
  readonly bytesIn?: number;
  /** Bytes it gave. */
  readonly bytesOut?: number;
}

/** How one stage went. */
export interface StageResult extends StageBytes {
  /** The command as written; of a transform, its name. */
  readonly argv: readonly string[];
  /** The kind of the runner; `"js"` for a transform. */
  readonly runner: string;
  /** Its exit code, unless it died of a signal. */
  readonly code?: number;
  /** The signal it died of. */
  readonly signal?: SignalName;
  /** Milliseconds from when it was to start until it ended. */
  readonly durationMs: number;
  /** The last 8 KiB of its stderr, where that was passed on. */
  readonly stderrTail: string;
}

/** How a pipeline went. */
export interface Result {
  /** Whether no stage failed. */
  readonly ok: boolean;
  /**
   * The exit code of the pipeline: of the rightmost stage that failed, 128+n if that died of signal
   * n, 124 if the time was over, else 0.
   */
  readonly code: number;
  /** Whether it was ended as its time was over. */
  readonly timedOut: boolean;
  /** How each stage went, from left to right. */
  readonly stages: readonly StageResult[];
}
