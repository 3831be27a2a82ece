// Reads a stream line by line, on demand.

/** Reads a stream line by line; nothing is read before the first call of `next`. */
export class LineReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #last: Promise<unknown> = Promise.resolve();

  /** Takes ownership of the stream. */
  constructor(readable: ReadableStream<Uint8Array>) {
    this.#reader = readable.getReader();
  }

  /** Returns the next line without its newline; `undefined` at EOF. Calls may overlap. */
  next(): Promise<string | undefined> {
    const line = this.#last.then(() => this.#read());
    this.#last = line;
    return line;
  }

  /** Cancels the stream; pending calls of `next` resolve to `undefined`. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  async #read(): Promise<string | undefined> {
    while (!this.#rest.includes("\n")) {
      const { done, value } = await this.#reader.read().catch(() => AT_END);
      if (done) return undefined;
      this.#rest += this.#decoder.decode(value, { stream: true });
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return line;
  }
}

const AT_END = { done: true, value: undefined } as const;
