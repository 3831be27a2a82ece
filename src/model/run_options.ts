// The options of a run.

import type { RunnerRef } from "./nodes.ts";
import type { RunEvent } from "./result.ts";
import type { RunObserver } from "./run_observer.ts";
import type { SignalSource } from "./signal_source.ts";

/** The options of a run. */
export interface RunOptions {
  /**
   * The runner of commands that are not bound to one. It remains the caller's, to dispose.
   *
   * @default local()
   */
  readonly runner?: RunnerRef;
  /**
   * Ends the pipeline when aborted: SIGTERM, then SIGKILL after `killAfterMs`. `run` rejects with
   * the reason of the signal.
   */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds after which commands receive SIGTERM, then SIGKILL after `killAfterMs`. The code
   * is then 124.
   *
   * @default no limit
   */
  readonly timeoutMs?: number;
  /**
   * Milliseconds from SIGTERM to SIGKILL.
   *
   * @default 10000 after `timeoutMs`, 1000 when `signal` is aborted
   */
  readonly killAfterMs?: number;
  /**
   * Whether `run` rejects if the pipeline fails; otherwise only the result reports it.
   *
   * @default true
   */
  readonly check?: boolean;
  /** Called synchronously for each event. An error that it throws ends the pipeline. */
  readonly onEvent?: (event: RunEvent) => void;
  /**
   * Observes the whole run, such as what `observe` returns. It remains the caller's, to dispose.
   */
  readonly observer?: RunObserver;
  /**
   * Where the stderr of commands without a stderr sink goes: `forward` copies it to the stderr of
   * this process and keeps the last 8 KiB for the result; `inherit` gives commands the descriptor
   * itself and keeps nothing.
   *
   * @default "forward"
   */
  readonly stderr?: "forward" | "inherit";
}

/** Takes the stderr of one command. */
export interface StderrWriter {
  /** Called with each chunk, which remains the caller's. The command waits for the promise. */
  write(chunk: Uint8Array): void | Promise<void>;
  /** Called once, after the last chunk. */
  end(): void;
}

/** Takes the stderr of the commands that have no sink for it. */
export interface StderrTaker {
  /** Whether it is also forwarded to the stderr of this process. */
  readonly forwards: boolean;
  /** Called for each command before it starts. */
  open(): StderrWriter;
}

/** The options of a run with those that `mod.ts` does not export. */
export type SignalledRunOptions = RunOptions & {
  /** Signals to forward to the commands, whose own status then sets the result. */
  readonly signals?: SignalSource | undefined;
  /** Takes stderr, which is then not inherited. */
  readonly takeStderr?: StderrTaker | undefined;
};
