// Signals for a pipeline that runs, such as those that this process gets.

import type { SignalName } from "../libc/signals.ts";

/** Where a signal comes from: our terminal has sent it to all of our process group already. */
export type SignalOrigin = "terminal" | "elsewhere";

/**
 * Takes a signal. Gives what settles once it is on its way to the commands, or nothing if there is none to
 * hear it.
 */
export type TakeSignal = (signal: SignalName, origin: SignalOrigin) => Promise<void> | undefined;

/** Hands signals on to whoever runs commands now. */
export class SignalSource {
  readonly #takers = new Set<TakeSignal>();

  /** Has `take` hear each signal from now on, until it is disposed. */
  listen(take: TakeSignal): Disposable {
    this.#takers.add(take);
    return { [Symbol.dispose]: () => void this.#takers.delete(take) };
  }

  /** Sends a signal; as {@linkcode TakeSignal}. */
  send(signal: SignalName, origin: SignalOrigin = "elsewhere"): Promise<void> | undefined {
    const sent = [...this.#takers].map((take) => take(signal, origin))
      .filter((one) => one !== undefined);
    return sent.length === 0 ? undefined : Promise.all(sent).then(() => {});
  }
}
