// Ending a pipeline before its time: aborted, timed out, or as a part of it failed.

import type { RunOptions } from "../../model/run_options.ts";
import type { Running } from "./runner.ts";

/** How long a command has between SIGTERM and SIGKILL. */
const GRACE_MS = 1000;

/** The reason when time is over. */
class TimeOver extends Error {
  override readonly name = "TimeOver";
}

/**
 * Ends all of a pipeline, once: processes get SIGTERM, and SIGKILL if they are still there after a
 * grace; streams are aborted by `signal`. Dispose it when the pipeline has ended by itself.
 */
export class Stop implements Disposable {
  readonly #aborter = new AbortController();
  readonly #running = new Set<Running>();
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  readonly #unlisten: () => void;
  /** Resolves when the pipeline is being ended. */
  readonly stopped: Promise<void>;

  /** Listens to the caller's signal and time limit from now on. */
  constructor(options: Pick<RunOptions, "signal" | "timeoutMs">) {
    this.stopped = new Promise((resolve) =>
      this.signal.addEventListener("abort", () => resolve(), { once: true })
    );
    const { signal, timeoutMs } = options;
    const abort = () => this.stop(signal?.reason);
    signal?.addEventListener("abort", abort);
    this.#unlisten = () => signal?.removeEventListener("abort", abort);
    if (timeoutMs !== undefined) {
      this.#timers.push(setTimeout(() => this.stop(new TimeOver("The time is over")), timeoutMs));
    }
  }

  /** Aborted when the pipeline is being ended; its reason is the first one given. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** Puts a process among those to be ended. */
  add(running: Running): void {
    this.#running.add(running);
    if (this.signal.aborted) running.kill("SIGKILL");
  }

  /** Ends everything; only the first call has a say in the reason. */
  stop(reason: unknown): void {
    if (this.signal.aborted) return;
    this.#killAll("SIGTERM");
    this.#killAll("SIGCONT"); // a stopped process must wake up to end
    this.#timers.push(setTimeout(() => this.#killAll("SIGKILL"), GRACE_MS));
    this.#aborter.abort(reason);
  }

  /** Calls what is of the caller; what it throws ends everything. */
  guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.stop(error);
    }
  }

  /** Whether everything is being ended as the time is over. */
  get isTimeOver(): boolean {
    return this.signal.reason instanceof TimeOver;
  }

  /** @throws the reason if everything is being ended for another one than that the time is over. */
  throwIfStopped(): void {
    if (!this.isTimeOver) this.signal.throwIfAborted();
  }

  /**
   * Nothing is to be ended from now on. Of a pipeline that was stopped, what its commands have left
   * running in their groups is killed. The processes may be disposed after this.
   */
  finish(): void {
    this.#timers.splice(0).forEach(clearTimeout);
    this.#unlisten();
    if (this.signal.aborted) this.#killAll("SIGKILL");
    this.#running.clear();
  }

  [Symbol.dispose](): void {
    this.finish();
  }

  #killAll(signal: "SIGTERM" | "SIGCONT" | "SIGKILL"): void {
    for (const running of this.#running) running.kill(signal);
  }
}
