// Hearing the signals that this process gets.

import { closeInspector } from "./close_inspector.ts";
import { findLibc } from "./libc.ts";
import { type SignalName, signalNumber } from "./signals.ts";
import { isForeground } from "./terminal.ts";

const SIG_IGN = 1n; // asm-generic/signal-defs.h

/** What a terminal sends to all of its foreground group; a shell that continues us sends SIGCONT so. */
const FROM_TERMINAL: readonly SignalName[] = [
  ...["SIGINT", "SIGQUIT", "SIGTSTP", "SIGWINCH", "SIGCONT"] as const,
];

/**
 * Calls `onSignal` for each signal of these names, until it is disposed, but for those that are ignored, as
 * after `nohup`: they stay so.
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
 * Whether what is in our process group has a signal that we have got as well: one that is typed at our
 * terminal, as one that is sent to us alone cannot be told from that.
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
