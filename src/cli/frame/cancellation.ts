// Ending a pipeline when execvm is told to end.

import type { SignalName } from "../../libc/signals.ts";
import { signalNumber } from "../../libc/signals.ts";
import { toUsageError } from "./exit_codes.ts";

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

/** The exit code of a process that a signal told to end; undefined if none did. */
export function signalCode({ reason }: AbortSignal): number | undefined {
  return reason instanceof Signalled ? reason.code : undefined;
}

/**
 * The exit code that `run` gives, or that of the signal if it fails after that.
 *
 * @param signal of {@linkcode untilSignalled}
 */
export async function orSignalCode(
  signal: AbortSignal,
  run: () => Promise<number>,
): Promise<number> {
  try {
    return await run();
  } catch (error) {
    const code = signalCode(signal);
    if (code === undefined) throw error;
    return code;
  }
}

/**
 * The same for a function that checks the options that the command line gave.
 *
 * @throws {UsageError} if it refuses one.
 */
export async function exitCodeOfCall(
  signal: AbortSignal,
  call: () => Promise<number>,
): Promise<number> {
  return await orSignalCode(signal, call).catch((error) => {
    throw toUsageError(error);
  });
}
