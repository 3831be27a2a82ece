// Forwards the signals that execvm receives to the commands of its pipeline.

import { catchSignals, isTypedByTerminal } from "../../libc/catch_signals.ts";
import { isFatal } from "../../libc/signals.ts";
import { SignalSource } from "../../model/signal_source.ts";
import { Signalled } from "./cancellation.ts";
import { repetition } from "./repetition.ts";

/**
 * All that can be caught, without those that concern execvm itself: of its children, pipes, sockets
 * and faults.
 */
const FORWARDED = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const,
  ...["SIGALRM", "SIGWINCH", "SIGCONT", "SIGTSTP"] as const,
];
type Forwarded = typeof FORWARDED[number];

/**
 * Signals that kill when repeated; at a terminal SIGINT is not one, as users type ^C repeatedly.
 */
const REPEATABLE: readonly Forwarded[] = ["SIGTERM", "SIGINT"];
const REPEATABLE_AT_TERMINAL: readonly Forwarded[] = ["SIGTERM"];

/** The inputs of a run that forward signals to it. Disposing it ends the forwarding. */
export interface ForwardedSignals extends Disposable {
  readonly signals: SignalSource;
  /**
   * Aborted, with a {@linkcode Signalled}, by a termination signal that arrives while no command
   * runs.
   */
  readonly signal: AbortSignal;
}

/**
 * Starts to forward signals, unchanged. A second SIGTERM within 2 s becomes SIGKILL, and so does a
 * second SIGINT if stdin is not a terminal; one within 0.2 s counts as the same signal. SIGTSTP
 * stops the commands, then execvm.
 */
export function forwardSignals(): ForwardedSignals {
  const aborter = new AbortController();
  const signals = new SignalSource();
  const isAgain = repetition(Deno.stdin.isTerminal() ? REPEATABLE_AT_TERMINAL : REPEATABLE);
  const caught = catchSignals(FORWARDED, async (name) => {
    const origin = isTypedByTerminal(name) ? "terminal" : "elsewhere";
    const sent = isAgain(name) ? signals.send("SIGKILL") : signals.send(name, origin);
    if (sent === undefined && isFatal(name)) aborter.abort(new Signalled(name));
    if (name !== "SIGTSTP") return;
    await sent;
    Deno.kill(Deno.pid, "SIGSTOP");
  });
  return { signals, signal: aborter.signal, [Symbol.dispose]: () => caught[Symbol.dispose]() };
}
