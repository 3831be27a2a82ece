// Passing the signals that we get on to the process that we wait for.

import { kill } from "../../host/process_tree.ts";
import { GROUP_SIGNALS } from "../../model/chain_argv.ts";
import { catchSignals, isTypedByTerminal } from "../../libc/catch_signals.ts";

const FORWARDED = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const,
  ...["SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCONT", "SIGWINCH"] as const,
];
type Forwarded = typeof FORWARDED[number];

/** What is not meant for us if there is nobody to pass it on to. */
const HARMLESS: readonly Forwarded[] = ["SIGCONT", "SIGWINCH"];

/** Ours alone: nobody sends it, and what does not listen takes no harm (signal(7)). */
const PROBE = "SIGURG";

/** Milliseconds that it has. */
const PROBE_MS = 500;

/** What ends a chain, also where the command that runs has caught it. */
const NOT_TO_GO_ON: readonly Forwarded[] = ["SIGHUP", "SIGTERM"];

/**
 * Takes the signals that are meant for what we run. It has to be there before the process is: one that
 * came in between would end us and leave the process alone.
 */
export class SignalForwarder implements Disposable {
  readonly #caught: Disposable;
  readonly #probes: Disposable;
  #onProbe: (() => void) | undefined;
  /** Whether what is heard was for the process that has ended. */
  #isEnding = false;
  readonly #hasGroup = isToldForGroup();
  #pid: number | undefined;
  #pending: Forwarded | undefined;
  #told: Forwarded | undefined;

  /** Listens to all but the signals that are ignored, as after `nohup`: those stay so. */
  constructor() {
    this.#caught = catchSignals(FORWARDED, (signal) => this.#take(signal));
    this.#probes = catchSignals([PROBE], () => this.#onProbe?.());
  }

  /** A signal that is meant for us: it came while there was nobody to pass it on to, or nothing is to start any more. */
  get own(): Forwarded | undefined {
    return this.#pending ?? this.#told;
  }

  /** Passes signals on to this process from now on, beginning with the one that waits. */
  forwardTo(pid: number): void {
    this.#pid = pid;
    if (this.#pending !== undefined) kill(pid, this.#pending);
    this.#pending = undefined;
  }

  /**
   * The process has ended; signals are kept once this has resolved. What was sent before is heard by then: of a
   * signal to our group a process may end before we hear it.
   */
  async keep(): Promise<void> {
    this.#pid = undefined;
    this.#isEnding = true;
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, PROBE_MS); // it is ignored, if that was so when we were started
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

/** Asked once: it is nothing for the commands that we run. */
function isToldForGroup(): boolean {
  const [[name, value]] = Object.entries(GROUP_SIGNALS) as [[string, string]];
  const isTold = Deno.env.get(name) === value;
  if (isTold) Deno.env.delete(name);
  return isTold;
}
