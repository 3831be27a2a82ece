// Cancels the work of a subcommand when execvm receives a termination signal.

import { catchSignals } from "../../libc/catch_signals.ts";
import type { SignalName } from "../../libc/signals.ts";
import { signalNumber } from "../../libc/signals.ts";
import { toUsageError } from "./exit_codes.ts";

const SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

/** The abort reason of work that was cancelled because execvm received a termination signal. */
export class Signalled extends Error {
  override readonly name = "Signalled";

  constructor(readonly signal: SignalName) {
    super(`Ended by ${signal}`);
  }

  /** The exit code for it, 128 + the signal's number. */
  get code(): number {
    return 128 + signalNumber(this.signal);
  }
}

/**
 * Catches termination signals until it is disposed; the first one aborts `signal`, with a
 * {@linkcode Signalled} as reason.
 */
export function untilSignalled(): { readonly signal: AbortSignal } & Disposable {
  const aborter = new AbortController();
  const caught = catchSignals(SIGNALS, (name) => aborter.abort(new Signalled(name)));
  return { signal: aborter.signal, [Symbol.dispose]: () => caught[Symbol.dispose]() };
}

/** The exit code if the signal was aborted by a {@linkcode Signalled}; else undefined. */
export function signalCode({ reason }: AbortSignal): number | undefined {
  return reason instanceof Signalled ? reason.code : undefined;
}

/**
 * Returns the exit code of `run`, or that of the signal if it rejects with a {@linkcode Signalled}.
 * It passes on any other error, also after a signal.
 *
 * @param run rejects with a {@linkcode Signalled} if it was cancelled by a signal
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
 * Returns the exit code of `call`, which validates the options of the command line itself. A call
 * that is cancelled can fail in many ways in tools and machines, so after a signal any error
 * becomes the exit code of that signal.
 *
 * @param signal that of {@linkcode untilSignalled}
 * @throws {UsageError} if `call` rejects an option.
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
