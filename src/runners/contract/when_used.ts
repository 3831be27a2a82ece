// What a runner imports and keeps only once a command is started on it.

/** Something that is made when it is first used. Disposing it disposes what was made, after all who came before. */
export class WhenUsed<T extends AsyncDisposable> implements AsyncDisposable {
  readonly #make: () => Promise<T>;
  #made: Promise<T> | undefined;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  /** It, made once. @throws what making it throws. */
  get(): Promise<T> {
    return this.#made ??= this.#make();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const made = await this.#made?.catch(() => undefined); // who wanted it has been told
    await made?.[Symbol.asyncDispose]();
  }
}
