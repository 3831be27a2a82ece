// Ending a pipeline when execvm is told to end.

import type { SignalName } from "../../libc/signals.ts";
import { signalNumber } from "../../libc/signals.ts";

const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/** Why a pipeline was ended: we were told to by a signal. */
export class Signalled extends Error {
  override readonly name = "Signalled";

  constructor(readonly signal: SignalName) {
    super(`Ended by ${signal}`);
  }

  /** The exit code that says so. */
  get code(): number {
    return 128 + signalNumber(this.signal);
  }
}

/** A signal that is aborted, with a {@linkcode Signalled}, when this process is told to end. */
export function untilSignalled(): { readonly signal: AbortSignal } & Disposable {
  const aborter = new AbortController();
  const listeners = SIGNALS.map((name) => ({
    name,
    listener: () => aborter.abort(new Signalled(name)),
  }));
  for (const { name, listener } of listeners) Deno.addSignalListener(name, listener);
  return {
    signal: aborter.signal,
    [Symbol.dispose]() {
      for (const { name, listener } of listeners) Deno.removeSignalListener(name, listener);
    },
  };
}
