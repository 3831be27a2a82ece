// Runs a task once for several callers that wait for its result.

/** A task in progress or done, and the number of callers that wait for it. */
interface Going<T> {
  readonly result: Promise<T>;
  readonly aborter: AbortController;
  waiting: number;
  isDone: boolean;
}

/** Runs a task once and shares its result; after a failure the next caller runs it again. */
export class SharedTask<T> {
  #going: Going<T> | undefined;

  /**
   * Returns the result of the task, which is the `work` of the first caller.
   *
   * @param signal ends this caller's waiting; the last caller still waits until the work has ended
   * @param work gets a signal that is aborted when the last caller has stopped waiting
   * @throws whatever the work throws.
   * @throws the reason of `signal` if that is aborted.
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
      if (going.waiting === 0 && !going.isDone) await this.#giveUp(going);
    }
  }

  #begin(work: (signal: AbortSignal) => Promise<T>): Going<T> {
    const aborter = new AbortController();
    const result = work(aborter.signal);
    const going: Going<T> = { result, aborter, waiting: 0, isDone: false };
    result.then(() => (going.isDone = true), () => this.#forget(going));
    return going;
  }

  async #giveUp(going: Going<T>): Promise<void> {
    this.#forget(going);
    going.aborter.abort();
    await going.result.catch(() => {}); // the caller has its reason
  }

  #forget(going: Going<T>): void {
    if (this.#going === going) this.#going = undefined;
  }
}
