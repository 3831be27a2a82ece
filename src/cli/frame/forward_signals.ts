// Handing the signals that execvm gets on to the commands of its pipeline.

import { catchSignals, isTypedByTerminal } from "../../libc/catch_signals.ts";
import { isFatal } from "../../libc/signals.ts";
import { SignalSource } from "../../model/signal_source.ts";
import { Signalled } from "./cancellation.ts";
import { repetition } from "./repetition.ts";

/** All that can be caught, but what is of our own: of our children, pipes and sockets, and of faults. */
const FORWARDED = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const,
  ...["SIGALRM", "SIGWINCH", "SIGCONT", "SIGTSTP"] as const,
];
type Forwarded = typeof FORWARDED[number];

/** What kills when it comes again, where stdin is no terminal at which ^C would be typed; and where it is one. */
const REPEATABLE: readonly Forwarded[] = ["SIGTERM", "SIGINT"];
const REPEATABLE_AT_TERMINAL: readonly Forwarded[] = ["SIGTERM"];

/** What a pipeline is to be given. Disposing it ends the listening. */
export interface ForwardedSignals extends Disposable {
  readonly signals: SignalSource;
  /** Aborted, with a {@linkcode Signalled}, by a signal that tells us to end while no command runs. */
  readonly signal: AbortSignal;
}

/**
 * Hands signals on from now on, as they are. A second SIGTERM within 2 s kills; so does a second SIGINT where
 * stdin is no terminal, at which one would be typed; not one that comes twice at once. SIGTSTP stops the commands, and then us.
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
