// Bounds how many runs there are at once; calls beyond that wait in a bounded queue.

import { Refusal } from "./policy.ts";

/** The bounds of a {@linkcode RunQueue}. */
export interface QueueLimits {
  /** How many runs there may be at once. */
  readonly maxRuns: number;
  /** How many calls may wait. */
  readonly maxQueue: number;
}

interface Waiting {
  /** Called with how many calls are ahead, when that changes. */
  readonly onMove: (ahead: number) => void;
  readonly start: () => void;
}

/** Lets a number of calls run at once, and others wait for their turn, first come, first served. */
export class RunQueue {
  readonly #limits: QueueLimits;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /**
   * Resolves when it is the turn of the caller, which disposes the result when its run has ended.
   *
   * @param signal leaves the queue
   * @param onMove called with how many calls are ahead: when it has to wait, and when that changes
   * @throws {Refusal} if the queue is full.
   * @throws {unknown} the reason of `signal`, if that is aborted.
   */
  async enter(signal: AbortSignal, onMove: (ahead: number) => void): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#running < this.#limits.maxRuns) this.#running++;
    else await this.#wait(signal, onMove);
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (!isOver) this.#leave();
        isOver = true;
      },
    };
  }

  #wait(signal: AbortSignal, onMove: Waiting["onMove"]): Promise<void> {
    const { maxRuns, maxQueue } = this.#limits;
    if (this.#waiting.length >= maxQueue) {
      const waiting = maxQueue === 0 ? "" : ` and ${maxQueue} wait`;
      throw new Refusal(`cannot run this now: ${maxRuns} run${waiting}: call again later`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = {
      onMove,
      start: () => {
        signal.removeEventListener("abort", abandon);
        resolve();
      },
    };
    const abandon = () => {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      this.#tellPositions();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abandon, { once: true });
    this.#waiting.push(waiting);
    onMove(this.#waiting.length - 1);
    return promise;
  }

  /** Gives the place of a run to the first that waits. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#running--;
      return;
    }
    next.start();
    this.#tellPositions();
  }

  #tellPositions(): void {
    for (const [ahead, { onMove }] of this.#waiting.entries()) onMove(ahead);
  }
}
