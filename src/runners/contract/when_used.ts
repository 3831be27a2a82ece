// Defers what a runner imports and keeps until a command is started on it.

/** A value that is made on first use. Disposing this disposes the value, if it was made. */
export class WhenUsed<T extends AsyncDisposable> implements AsyncDisposable {
  readonly #make: () => Promise<T>;
  #made: Promise<T> | undefined;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  /** Returns the value, made by the first call. @throws what making it throws. */
  get(): Promise<T> {
    return this.#made ??= this.#make();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const made = await this.#made?.catch(() => undefined); // the callers of get() have its error
    await made?.[Symbol.asyncDispose]();
  }
}
