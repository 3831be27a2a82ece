// Lines out of a stream, one at a time.

/** Reads a stream line by line, and nothing of it before it is asked to. */
export class LineReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #last: Promise<unknown> = Promise.resolve();

  /** Takes over the stream. */
  constructor(readable: ReadableStream<Uint8Array>) {
    this.#reader = readable.getReader();
  }

  /** The next line, without its end; `undefined` at the end of the stream. */
  next(): Promise<string | undefined> {
    const line = this.#last.then(() => this.#read());
    this.#last = line;
    return line;
  }

  /** Gives the stream up: whoever waits for a line gets none. */
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
