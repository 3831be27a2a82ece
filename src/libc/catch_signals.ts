// Handles the signals that this process receives.

import { closeInspector } from "./close_inspector.ts";
import { findLibc } from "./libc.ts";
import { type SignalName, signalNumber } from "./signals.ts";
import { isForeground } from "./terminal.ts";

const SIG_IGN = 1n; // asm-generic/signal-defs.h

/** Signals that a terminal sends to its whole foreground group; SIGCONT comes from the shell. */
const FROM_TERMINAL: readonly SignalName[] = [
  ...["SIGINT", "SIGQUIT", "SIGTSTP", "SIGWINCH", "SIGCONT"] as const,
];

/**
 * Calls `onSignal` for each of the named signals until disposed. Signals that this process was
 * started with as ignored, as by `nohup`, stay ignored.
 */
export function catchSignals<Name extends SignalName & Deno.Signal>(
  names: readonly Name[],
  onSignal: (name: Name) => void,
): Disposable {
  const ignored = ignoredSignals();
  const hear = (name: Name) => {
    onSignal(name);
    if (name === "SIGUSR1") void closeInspector();
  };
  const listeners = names.filter((name) => !isIn(ignored, name))
    .map((name) => ({ name, listener: () => hear(name) }));
  for (const { name, listener } of listeners) Deno.addSignalListener(name, listener);
  // With its first listener Deno takes over SIGHUP and others as well, ignored or not.
  for (const name of names) {
    if (isIn(ignored, name)) findLibc()?.signal(signalNumber(name), SIG_IGN);
  }
  return {
    [Symbol.dispose]() {
      for (const { name, listener } of listeners) Deno.removeSignalListener(name, listener);
    },
  };
}

/**
 * Whether to assume that a signal we received went to our whole process group, children included.
 * True for signals that a terminal sends while we are in its foreground: a signal sent to this
 * process alone cannot be distinguished from one typed at the terminal.
 */
export function isTypedByTerminal(signal: SignalName): boolean {
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
