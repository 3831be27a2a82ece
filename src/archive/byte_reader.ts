/** Reads a byte stream by number of bytes instead of by chunk. */

const EMPTY: Uint8Array = new Uint8Array();

/**
 * Reads from a stream whose chunk boundaries mean nothing.
 *
 * It locks the stream and owns it until the stream ends or `cancel` is called. One call at a time,
 * apart from `cancel`. Returned bytes may be a view of a chunk: they stay valid and must not be
 * changed.
 */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunk = EMPTY;
  /** Bytes of the chunk that have been read. */
  #used = 0;
  #position = 0;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The number of bytes read so far. */
  get position(): number {
    return this.#position;
  }

  /**
   * Returns the next `count` bytes if they have arrived already: without a promise, as a tar has a
   * million headers.
   */
  take(count: number): Uint8Array | undefined {
    if (this.#chunk.length - this.#used < count) return undefined;
    this.#used += count;
    this.#position += count;
    return this.#chunk.subarray(this.#used - count, this.#used);
  }

  /** Reads the next 1 to `maxBytes` bytes, as they arrive; `undefined` at the end of the stream. */
  async read(maxBytes: number): Promise<Uint8Array | undefined> {
    while (this.#chunk.length === this.#used) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#chunk = value;
      this.#used = 0;
    }
    return this.take(Math.min(maxBytes, this.#chunk.length - this.#used));
  }

  /** Reads `count` bytes in one piece, fewer only at the end of the stream. */
  async readExactly(count: number): Promise<Uint8Array> {
    const first = await this.read(count);
    if (first === undefined || first.length === count) return first ?? EMPTY;
    const whole = new Uint8Array(count);
    whole.set(first);
    let filled = first.length;
    while (filled < count) {
      const piece = await this.read(count - filled);
      if (piece === undefined) return whole.subarray(0, filled);
      whole.set(piece, filled);
      filled += piece.length;
    }
    return whole;
  }

  /** Reads and discards the rest of the stream. */
  async drain(): Promise<void> {
    while (await this.read(Infinity) !== undefined);
  }

  /** Cancels the stream; does nothing at its end, never rejects. */
  async cancel(reason?: unknown): Promise<void> {
    // The reason matters; a second failure, of the source to stop, does not.
    await this.#reader.cancel(reason).catch(() => {});
  }
}
