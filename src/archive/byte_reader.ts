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
    if (this.#chunk.length < count) return undefined;
    const piece = this.#chunk.subarray(0, count);
    this.#chunk = this.#chunk.subarray(count);
    this.#position += count;
    return piece;
  }

  /** Reads the next 1 to `maxBytes` bytes, as they arrive; `undefined` at the end of the stream. */
  async read(maxBytes: number): Promise<Uint8Array | undefined> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#chunk = value;
    }
    const piece = this.#chunk.subarray(0, maxBytes);
    this.#chunk = this.#chunk.subarray(piece.length);
    this.#position += piece.length;
    return piece;
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
