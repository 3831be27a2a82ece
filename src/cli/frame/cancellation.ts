// Ending what a subcommand does when execvm is told to end.

import { catchSignals } from "../../libc/catch_signals.ts";
import type { SignalName } from "../../libc/signals.ts";
import { signalNumber } from "../../libc/signals.ts";
import { toUsageError } from "./exit_codes.ts";

const SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

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
  const caught = catchSignals(SIGNALS, (name) => aborter.abort(new Signalled(name)));
  return { signal: aborter.signal, [Symbol.dispose]: () => caught[Symbol.dispose]() };
}

/** The exit code of a process that a signal told to end; undefined if none did. */
export function signalCode({ reason }: AbortSignal): number | undefined {
  return reason instanceof Signalled ? reason.code : undefined;
}

/**
 * The exit code that `run` gives, or that of the signal if it rejects with it. Anything else that fails is an error,
 * also after a signal.
 *
 * @param run rejects with a {@linkcode Signalled} when it ends because of the signal
 */
export async function orSignalCode(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Signalled) return error.code;
    throw error;
  }
}

/**
 * The exit code of a call that checks the options that the command line gave. What it does in tools and machines
 * fails in many ways when a signal ends it: after one, its exit code is that of the signal.
 *
 * @param signal of {@linkcode untilSignalled}
 * @throws {UsageError} if it refuses an option.
 */
export async function exitCodeOfCall(
  signal: AbortSignal,
  call: () => Promise<number>,
): Promise<number> {
  try {
    return await call();
  } catch (error) {
    const code = signalCode(signal);
    if (code === undefined) throw toUsageError(error);
    return code;
  }
}
