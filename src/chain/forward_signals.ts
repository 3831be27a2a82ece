// Passing the signals that we get on to the process that we wait for.

import { findLibc } from "../libc/libc.ts";
import { isForeground } from "../libc/terminal.ts";
import { type SignalName, signalNumber } from "../libc/signals.ts";
import { kill } from "../process_tree.ts";

const FORWARDED = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const;

/** What a terminal sends to all of its foreground group: the process then has it already. */
const FROM_TERMINAL: readonly SignalName[] = ["SIGINT", "SIGQUIT"];

/** Passes signals on to `pid` until disposed. Those that were ignored when we began stay so. */
export function forwardSignals(pid: number): Disposable {
  const ignored = ignoredSignals();
  const listeners = FORWARDED
    .filter((signal) => (ignored >> BigInt(signalNumber(signal) - 1) & 1n) === 0n)
    .map((signal) => ({ signal, listener: () => forward(pid, signal) }));
  for (const { signal, listener } of listeners) Deno.addSignalListener(signal, listener);
  return {
    [Symbol.dispose]() {
      for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
    },
  };
}

function forward(pid: number, signal: typeof FORWARDED[number]): void {
  const fromTerminal = FROM_TERMINAL.includes(signal) && findLibc() !== undefined && isForeground();
  if (!fromTerminal) kill(pid, signal);
}

/** The mask of ignored signals, as `nohup` would leave it; bit n-1 is signal n. */
function ignoredSignals(): bigint {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  } catch {
    return 0n; // no /proc
  }
}
