// Work that several wait for.

/** Work as it goes on. */
interface Going<T> {
  readonly result: Promise<T>;
  readonly aborter: AbortController;
  waiting: number;
  isDone: boolean;
}

/** Does something once for all who ask for it; what failed is done again for the next who asks. */
export class SharedTask<T> {
  #going: Going<T> | undefined;

  /**
   * The result of the work: of this one, or of what an earlier caller has brought.
   *
   * @param work is given a signal that is aborted when nobody waits for it any more
   * @throws whatever the work throws. @throws the reason of `signal` if that is aborted.
   */
  async join(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const going = this.#going ??= this.#begin(work);
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = () => reject(signal.reason);
    signal.addEventListener("abort", leave);
    going.waiting++;
    try {
      return await Promise.race([going.result, left]);
    } finally {
      signal.removeEventListener("abort", leave);
      going.waiting--;
      if (going.waiting === 0 && !going.isDone) this.#giveUp(going);
    }
  }

  #begin(work: (signal: AbortSignal) => Promise<T>): Going<T> {
    const aborter = new AbortController();
    const result = work(aborter.signal);
    const going: Going<T> = { result, aborter, waiting: 0, isDone: false };
    result.then(() => (going.isDone = true), () => this.#forget(going));
    return going;
  }

  #giveUp(going: Going<T>): void {
    this.#forget(going);
    going.aborter.abort();
  }

  #forget(going: Going<T>): void {
    if (this.#going === going) this.#going = undefined;
  }
}
