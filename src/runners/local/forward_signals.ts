// Passing the signals that we get on to the process that we wait for.

import { kill } from "../../host/process_tree.ts";
import { findLibc } from "../../libc/libc.ts";
import { type SignalName, signalNumber } from "../../libc/signals.ts";
import { isForeground } from "../../libc/terminal.ts";

const SIG_IGN = 1n; // asm-generic/signal-defs.h

const FORWARDED = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const;
type Forwarded = typeof FORWARDED[number];

/** What a terminal sends to all of its foreground group: the process then has it already. */
const FROM_TERMINAL: readonly SignalName[] = ["SIGINT", "SIGQUIT"];

/**
 * Takes the signals that are meant for what we run. It has to be there before the process is: one that
 * came in between would end us and leave the process alone.
 */
export class SignalForwarder implements Disposable {
  readonly #listeners: readonly { readonly signal: Forwarded; readonly listener: () => void }[];
  #pid: number | undefined;
  #pending: Forwarded | undefined;

  /** Listens to all but the signals that are ignored, as after `nohup`: those stay so. */
  constructor() {
    const ignored = ignoredSignals();
    this.#listeners = FORWARDED
      .filter((signal) => !isIn(ignored, signal))
      .map((signal) => ({ signal, listener: () => this.#take(signal) }));
    for (const { signal, listener } of this.#listeners) Deno.addSignalListener(signal, listener);
    // With its first listener Deno takes over SIGHUP and others as well, ignored or not.
    for (const signal of FORWARDED) {
      if (isIn(ignored, signal)) findLibc()?.signal(signalNumber(signal), SIG_IGN);
    }
  }

  /** A signal that came while there was nobody to pass it on to: it is meant for us. */
  get pending(): Forwarded | undefined {
    return this.#pending;
  }

  /** Passes signals on to this process from now on, beginning with the one that waits. */
  forwardTo(pid: number): void {
    this.#pid = pid;
    if (this.#pending !== undefined) this.#take(this.#pending);
    this.#pending = undefined;
  }

  /** The process has ended; signals are kept from now on. */
  keep(): void {
    this.#pid = undefined;
  }

  [Symbol.dispose](): void {
    for (const { signal, listener } of this.#listeners) Deno.removeSignalListener(signal, listener);
  }

  #take(signal: Forwarded): void {
    if (this.#pid === undefined) this.#pending = signal;
    else if (!isTypedByTerminal(signal)) kill(this.#pid, signal);
  }
}

function isTypedByTerminal(signal: Forwarded): boolean {
  return FROM_TERMINAL.includes(signal) && findLibc() !== undefined && isForeground();
}

function isIn(mask: bigint, signal: SignalName): boolean {
  return (mask >> BigInt(signalNumber(signal) - 1) & 1n) === 1n;
}

/** The mask of ignored signals; bit n-1 is signal n. */
function ignoredSignals(): bigint {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  } catch {
    return 0n; // no /proc
  }
}
