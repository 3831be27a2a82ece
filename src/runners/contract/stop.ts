// Sends signals to a running pipeline, and ends it early: on an abort, a time limit or the failure
// of a part.

import type { SignalName } from "../../libc/signals.ts";
import type { RunOptions } from "../../model/run_options.ts";
import type { SignalOrigin, SignalSource } from "../../model/signal_source.ts";
import type { Recipient, Running } from "./runner.ts";

/**
 * How long a command has between SIGTERM and SIGKILL when the pipeline is aborted or a part of it
 * failed.
 */
const ABORT_GRACE_MS = 1000;

/** How long it has by default after a SIGTERM from outside, or when its time limit is over. */
const KILL_AFTER_MS = 10_000;

/** How long remaining output may take to drain once the time limit has ended the commands. */
const DRAIN_MS = 1000;

/** Signals that ask a command to end, after which processes that it leaves behind are killed. */
const ENDING: readonly SignalName[] = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGKILL"];

/** Whether a signal asks a command to end. */
export function isEnding(signal: SignalName): boolean {
  return ENDING.includes(signal);
}

/** Signals that are not sent again to a command that starts later. */
const MOMENTARY: readonly SignalName[] = ["SIGCONT", "SIGTSTP", "SIGWINCH"];

/** Signals that stop and continue a job, which is a command and all that it has started. */
const JOB_CONTROL: readonly SignalName[] = ["SIGTSTP", "SIGCONT"];

/** The abort reason when the time limit is over. */
class TimeOver extends Error {
  override readonly name = "TimeOver";
}

/** The abort reason when commands had to be killed, as they did not end when asked to. */
class Killed extends Error {
  override readonly name = "Killed";
}

/** A receiver of a pipeline's signals: one of its commands, or the fan-out that is its source. */
export interface Hearing extends Pick<Running, "hearsTerminal"> {
  readonly exited: Promise<unknown>;
  /** Like {@linkcode Running.kill}. @param origin where the signal came from */
  kill(signal: SignalName, to: Recipient, origin: SignalOrigin): void | Promise<void>;
}

/** What can end a pipeline, and the signals for its commands. */
export type StopOptions =
  & Pick<RunOptions, "signal" | "timeoutMs" | "killAfterMs">
  & { readonly signals?: SignalSource | undefined };

/**
 * Passes signals on to the commands of a pipeline, and ends the whole pipeline at most once:
 * processes get SIGTERM, then SIGKILL if they still run after a grace period; streams are aborted
 * by `signal`. Dispose it when the pipeline has ended by itself.
 */
export class Stop implements Disposable {
  readonly #aborter = new AbortController();
  readonly #running = new Set<Hearing>();
  /** Those of `#running` that have not ended. */
  readonly #live = new Set<Hearing>();
  /** The signals sent so far, for receivers that are added later. */
  readonly #sent: SignalName[] = [];
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  readonly #unlisten: () => void;
  readonly #killAfterMs: number | undefined;
  #isTimeOver = false;
  #isKilling = false;
  /** Resolves when ending the pipeline has begun. */
  readonly stopped: Promise<void>;

  /** Listens to the caller's signals and time limit from now on. */
  constructor(options: StopOptions) {
    this.stopped = new Promise((resolve) =>
      this.signal.addEventListener("abort", () => resolve(), { once: true })
    );
    const { signal, signals, timeoutMs, killAfterMs } = options;
    this.#killAfterMs = killAfterMs;
    const abort = () => this.#abort(signal?.reason, killAfterMs);
    signal?.addEventListener("abort", abort);
    const listening = signals?.listen((name, origin) => this.send(name, origin));
    this.#unlisten = () => {
      signal?.removeEventListener("abort", abort);
      listening?.[Symbol.dispose]();
    };
    if (timeoutMs !== undefined) {
      this.#timers.push(setTimeout(() => this.#endInTime(), timeoutMs));
    }
  }

  /** Aborted when ending the pipeline begins, with the first reason given. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** The caller's grace period between SIGTERM and SIGKILL in milliseconds, if set. */
  get killAfterMs(): number | undefined {
    return this.#killAfterMs;
  }

  /** The last signal sent that asks commands to end; `undefined` if there was none. */
  get ending(): SignalName | undefined {
    return this.#sent.findLast(isEnding);
  }

  /** Adds a receiver; it gets the signals that were sent before. */
  add(running: Hearing): void {
    this.#running.add(running);
    this.#live.add(running);
    const end = () => this.#end(running);
    running.exited.then(end, end);
    if (this.signal.aborted) void running.kill("SIGKILL", "all", "elsewhere");
    else for (const signal of this.#sent) void running.kill(signal, "command", "elsewhere");
  }

  /**
   * Sends a signal to each running command: to it alone, as `kill` does, or if a terminal or job
   * control sent it, to all that it has started too. The commands' own status then counts. If a
   * SIGTERM does not end them, SIGKILL follows.
   *
   * @returns as {@linkcode TakeSignal}: `undefined` if no command runs
   */
  send(signal: SignalName, origin: SignalOrigin = "elsewhere"): Promise<void> | undefined {
    if (this.#live.size === 0) return undefined;
    if (!MOMENTARY.includes(signal)) this.#sent.push(signal);
    if (signal === "SIGTERM") this.#killLater();
    if (signal === "SIGKILL") {
      this.#kill(new Killed("Its commands were killed"));
      return Promise.resolve();
    }
    const told = [...this.#live].filter(({ hearsTerminal }) =>
      origin !== "terminal" || hearsTerminal !== true
    );
    const to = origin === "terminal" || JOB_CONTROL.includes(signal) ? "all" : "command";
    return Promise.allSettled(told.map((running) => running.kill(signal, to, origin))).then(
      () => {},
    );
  }

  /** Ends everything; the reason of the first call counts. */
  stop(reason: unknown): void {
    this.#abort(reason, undefined);
  }

  /**
   * Calls a callback of the user; if it throws, everything is ended with that error as the reason.
   */
  guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.stop(error);
    }
  }

  /** Whether everything is being ended because the time limit is over. */
  get isTimeOver(): boolean {
    return this.#isTimeOver;
  }

  /**
   * @throws the reason if everything is being ended, unless because of the time limit or a signal.
   */
  throwIfStopped(): void {
    const { reason } = this.signal;
    if (!this.#isTimeOver && !(reason instanceof Killed)) this.signal.throwIfAborted();
  }

  /** @throws {Error} if streams were aborted, so that data may be missing. */
  throwIfCut(): void {
    this.signal.throwIfAborted();
  }

  /**
   * Stops listening and watching: nothing will be ended from now on. If the pipeline was stopped,
   * processes that its commands left in their groups are killed. After this the commands may be
   * disposed.
   */
  finish(): void {
    this.#timers.splice(0).forEach(clearTimeout);
    this.#unlisten();
    if (this.signal.aborted) this.#killAll("SIGKILL");
    this.#running.clear();
    this.#live.clear();
  }

  [Symbol.dispose](): void {
    this.finish();
  }

  #abort(reason: unknown, graceMs: number = ABORT_GRACE_MS): void {
    if (this.signal.aborted) return;
    if (!this.#isTimeOver) this.#wakeToEnd();
    this.#timers.push(setTimeout(() => this.#killAll("SIGKILL"), graceMs));
    this.#aborter.abort(reason);
  }

  /**
   * Ends the commands with a grace period, as the time is over; their output still comes through.
   */
  #endInTime(): void {
    if (this.signal.aborted) return;
    this.#isTimeOver = true;
    this.#wakeToEnd();
    this.#sent.push("SIGTERM");
    this.#killLater();
    if (this.#live.size === 0) this.#kill(new TimeOver("The time is over"));
  }

  #wakeToEnd(): void {
    this.#killAll("SIGTERM");
    this.#killAll("SIGCONT"); // a stopped process must wake up to end
  }

  /**
   * Kills what still runs after the grace period. If all commands have ended by then, only what
   * they left behind is killed, and their output is still drained.
   */
  #killLater(): void {
    if (this.#isKilling) return;
    this.#isKilling = true;
    const reason = new Killed("Its commands were killed as they had not ended when told to");
    const kill = () => this.#live.size > 0 ? this.#kill(reason) : this.#killAll("SIGKILL");
    this.#timers.push(setTimeout(kill, this.#killAfterMs ?? KILL_AFTER_MS));
  }

  #kill(reason: Error): void {
    this.#killAll("SIGKILL");
    if (!this.signal.aborted) this.#aborter.abort(reason);
  }

  #end(running: Hearing): void {
    this.#live.delete(running);
    if (this.#running.size === 0) return;
    // It was asked to end: processes that it left behind might hold its output open.
    if (this.ending !== undefined) void running.kill("SIGKILL", "all", "elsewhere");
    if (!this.#isTimeOver || this.#live.size > 0) return;
    const kill = () => this.#kill(new TimeOver("The time is over"));
    this.#timers.push(setTimeout(kill, DRAIN_MS));
  }

  #killAll(signal: "SIGTERM" | "SIGCONT" | "SIGKILL"): void {
    for (const running of this.#running) void running.kill(signal, "all", "elsewhere");
  }
}
