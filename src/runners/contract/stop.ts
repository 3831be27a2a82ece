// Signals for a pipeline that runs, and ending it before its time: aborted, timed out, or as a part of it
// failed.

import type { SignalName } from "../../libc/signals.ts";
import type { RunOptions } from "../../model/run_options.ts";
import type { SignalOrigin, SignalSource } from "../../model/signal_source.ts";
import type { Recipient, Running } from "./runner.ts";

/** How long a command has between SIGTERM and SIGKILL when the pipeline is aborted or a part of it failed. */
const ABORT_GRACE_MS = 1000;

/** How long it has when it was sent a SIGTERM, or its time is over, unless told otherwise. */
const KILL_AFTER_MS = 10_000;

/** How long what the commands wrote may take once they have ended as their time was over. */
const DRAIN_MS = 1000;

/** What tells a command to end, so that what it leaves behind is not wanted. */
const ENDING: readonly SignalName[] = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGKILL"];

/** Whether a signal tells a command to end. */
export function isEnding(signal: SignalName): boolean {
  return ENDING.includes(signal);
}

/** What is of no use to a command that starts later. */
const MOMENTARY: readonly SignalName[] = ["SIGCONT", "SIGTSTP", "SIGWINCH"];

/** What stops and continues a job, which is all that a command has started. */
const JOB_CONTROL: readonly SignalName[] = ["SIGTSTP", "SIGCONT"];

/** The reason when time is over. */
class TimeOver extends Error {
  override readonly name = "TimeOver";
}

/** The reason when commands had to be killed that were told to end. */
class Killed extends Error {
  override readonly name = "Killed";
}

/** What hears the signals of a pipeline: its commands, and a fan-out that is its source. */
export interface Hearing extends Pick<Running, "hearsTerminal"> {
  readonly exited: Promise<unknown>;
  /** As {@linkcode Running.kill}. */
  kill(signal: SignalName, to: Recipient, origin: SignalOrigin): void | Promise<void>;
}

/** Who tells a pipeline what. */
export type StopOptions =
  & Pick<RunOptions, "signal" | "timeoutMs" | "killAfterMs">
  & { readonly signals?: SignalSource | undefined };

/**
 * Sends signals to the commands of a pipeline as they are, and ends all of it, once: processes get SIGTERM,
 * and SIGKILL if they are still there after a grace; streams are aborted by `signal`. Dispose it when the
 * pipeline has ended by itself.
 */
export class Stop implements Disposable {
  readonly #aborter = new AbortController();
  readonly #running = new Set<Hearing>();
  /** Those that have not ended. */
  readonly #live = new Set<Hearing>();
  /** What was sent, for those that start later. */
  readonly #sent: SignalName[] = [];
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  readonly #unlisten: () => void;
  readonly #killAfterMs: number | undefined;
  #isTimeOver = false;
  #isKilling = false;
  /** Resolves when the pipeline is being ended. */
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

  /** Aborted when the pipeline is being ended; its reason is the first one given. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** What commands that are told to end have, in milliseconds, if the caller has said so. */
  get killAfterMs(): number | undefined {
    return this.#killAfterMs;
  }

  /** The last signal that was sent to end the pipeline, if one was. */
  get ending(): SignalName | undefined {
    return this.#sent.findLast(isEnding);
  }

  /** Puts a process among those to be ended; it hears what was sent already. */
  add(running: Hearing): void {
    this.#running.add(running);
    this.#live.add(running);
    const end = () => this.#end(running);
    running.exited.then(end, end);
    if (this.signal.aborted) void running.kill("SIGKILL", "all", "elsewhere");
    else for (const signal of this.#sent) void running.kill(signal, "command", "elsewhere");
  }

  /**
   * Sends a signal to each command that runs, as `kill` does, or to all that they have started, as a terminal
   * does; their own status counts. SIGKILL follows a SIGTERM that has not ended them. As {@linkcode TakeSignal}.
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

  /** Ends everything; only the first call has a say in the reason. */
  stop(reason: unknown): void {
    this.#abort(reason, undefined);
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
    return this.#isTimeOver;
  }

  /** @throws the reason if everything is being ended for another one than that the time is over. */
  throwIfStopped(): void {
    const { reason } = this.signal;
    if (!this.#isTimeOver && !(reason instanceof Killed)) this.signal.throwIfAborted();
  }

  /** @throws {Error} if streams were cut off, so that not all may have come through them. */
  throwIfCut(): void {
    this.signal.throwIfAborted();
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

  /** The time is over: what runs has its grace, and its output still comes through. */
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

  /** Kills what is left after the grace. Once the commands have ended, their output may take its time. */
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
    // What it has left behind, and may hold its output open, is not wanted when it was told to end.
    if (this.ending !== undefined) void running.kill("SIGKILL", "all", "elsewhere");
    if (!this.#isTimeOver || this.#live.size > 0) return;
    const kill = () => this.#kill(new TimeOver("The time is over"));
    this.#timers.push(setTimeout(kill, DRAIN_MS));
  }

  #killAll(signal: "SIGTERM" | "SIGCONT" | "SIGKILL"): void {
    for (const running of this.#running) void running.kill(signal, "all", "elsewhere");
  }
}
