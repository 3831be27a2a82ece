// Forwards the signals that this process gets to the process that it waits for.

import { kill } from "../../host/process_tree.ts";
import { GROUP_SIGNALS } from "../../model/chain_argv.ts";
import { catchSignals, isTypedByTerminal } from "../../libc/catch_signals.ts";

const FORWARDED = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const,
  ...["SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCONT", "SIGWINCH"] as const,
];
type Forwarded = typeof FORWARDED[number];

/** Signals that are ignored while there is no process to forward them to. */
const HARMLESS: readonly Forwarded[] = ["SIGCONT", "SIGWINCH"];

/** Sent to ourselves. No other program sends it, and its default is to be ignored (signal(7)). */
const PROBE = "SIGURG";

/** How long to wait for the probe, in milliseconds. */
const PROBE_MS = 500;

/** Signals that end the chain even if the running command catches them. */
const NOT_TO_GO_ON: readonly Forwarded[] = ["SIGHUP", "SIGTERM"];

/**
 * Catches the signals for the process that we run, and forwards them. Create it before the process:
 * a signal in between would kill us and leave the process running.
 */
export class SignalForwarder implements Disposable {
  readonly #caught: Disposable;
  readonly #probes: Disposable;
  #onProbe: (() => void) | undefined;
  /** Whether signals that arrive now were for the process that has ended. */
  #isEnding = false;
  readonly #hasGroup = isToldForGroup();
  #pid: number | undefined;
  #pending: Forwarded | undefined;
  #told: Forwarded | undefined;

  /** Catches the signals, except those that are ignored already, as after `nohup`. */
  constructor() {
    this.#caught = catchSignals(FORWARDED, (signal) => this.#take(signal));
    this.#probes = catchSignals([PROBE], () => this.#onProbe?.());
  }

  /**
   * A signal after which no further command may start: it arrived between two commands, or ends the
   * chain.
   */
  get own(): Forwarded | undefined {
    return this.#pending ?? this.#told;
  }

  /** Forwards signals to this process from now on, first the one that is pending. */
  forwardTo(pid: number): void {
    this.#pid = pid;
    if (this.#pending !== undefined) kill(pid, this.#pending);
    this.#pending = undefined;
  }

  /**
   * To be called when the process has ended: signals are pending from the moment this resolves.
   * Until then they count as meant for the process: a signal to our group may end that before it
   * arrives here.
   */
  async keep(): Promise<void> {
    this.#pid = undefined;
    this.#isEnding = true;
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, PROBE_MS); // if SIGURG is ignored
    this.#onProbe = resolve;
    kill(Deno.pid, PROBE);
    await heard;
    clearTimeout(timer);
    this.#isEnding = false;
  }

  [Symbol.dispose](): void {
    this.#caught[Symbol.dispose]();
    this.#probes[Symbol.dispose]();
  }

  #take(signal: Forwarded): void {
    if (NOT_TO_GO_ON.includes(signal)) this.#told = signal;
    if (this.#pid !== undefined) {
      if (!this.#hasGroup && !isTypedByTerminal(signal)) kill(this.#pid, signal);
    } else if (!this.#isEnding && !HARMLESS.includes(signal)) this.#pending = signal;
  }
}

/** Reads the variable once and removes it, so that our commands do not inherit it. */
function isToldForGroup(): boolean {
  const [[name, value]] = Object.entries(GROUP_SIGNALS) as [[string, string]];
  const isTold = Deno.env.get(name) === value;
  if (isTold) Deno.env.delete(name);
  return isTold;
}
