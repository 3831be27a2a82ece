// Forwards signals, such as those that this process receives, to running pipelines.

import type { SignalName } from "../libc/signals.ts";

/** The origin of a signal. One of our terminal has already reached our whole process group. */
export type SignalOrigin = "terminal" | "elsewhere";

/**
 * Takes a signal. Returns a promise that settles once the signal is on its way to the commands, or
 * `undefined` if there are none.
 */
export type TakeSignal = (signal: SignalName, origin: SignalOrigin) => Promise<void> | undefined;

/** Passes each signal to all current listeners. */
export class SignalSource {
  readonly #takers = new Set<TakeSignal>();

  /** Calls `take` for each signal from now on, until the result is disposed. */
  listen(take: TakeSignal): Disposable {
    this.#takers.add(take);
    return { [Symbol.dispose]: () => void this.#takers.delete(take) };
  }

  /** Passes a signal to all listeners. Returns as {@linkcode TakeSignal} does. */
  send(signal: SignalName, origin: SignalOrigin = "elsewhere"): Promise<void> | undefined {
    const sent = [...this.#takers].map((take) => take(signal, origin))
      .filter((one) => one !== undefined);
    return sent.length === 0 ? undefined : Promise.all(sent).then(() => {});
  }
}
