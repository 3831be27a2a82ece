/** Collects small writes into chunks of a fixed size. */

/** Bytes in a full chunk: larger ones make reading and writing no faster. */
export const CHUNK_BYTES = 1 << 20;

/** A buffer that is filled from the front and handed out by `take`; the caller owns each chunk. */
export class ChunkBuilder {
  readonly #chunkBytes: number;
  #buffer: Uint8Array;
  #length = 0;

  constructor(chunkBytes: number = CHUNK_BYTES) {
    this.#chunkBytes = chunkBytes;
    this.#buffer = new Uint8Array(chunkBytes);
  }

  /** How many bytes fit before `take` has to be called. */
  get room(): number {
    return this.#chunkBytes - this.#length;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Copies as much of `bytes` as fits and returns the number of bytes copied. */
  append(bytes: Uint8Array): number {
    const fitting = bytes.length <= this.room ? bytes : bytes.subarray(0, this.room);
    this.#buffer.set(fitting, this.#length);
    this.#length += fitting.length;
    return fitting.length;
  }

  /**
   * Returns the next `count` bytes, at most `room`, for the caller to fill before the next call.
   */
  reserve(count: number): Uint8Array {
    this.#length += count;
    return this.#buffer.subarray(this.#length - count, this.#length);
  }

  /** Adds `count` zero bytes, at most `room`. */
  appendZeros(count: number): void {
    this.reserve(count).fill(0);
  }

  /** Returns the collected bytes and starts an empty chunk. */
  take(): Uint8Array {
    const used = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    // A small chunk is copied, so that it does not keep a whole buffer alive.
    if (used.length <= this.#chunkBytes / 4) return used.slice();
    this.#buffer = new Uint8Array(this.#chunkBytes);
    return used;
  }
}
