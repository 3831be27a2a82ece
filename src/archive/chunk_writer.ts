/** Collects the parts of an archive into chunks, without blocking the event loop. */
import { ChunkBuilder } from "./chunk_builder.ts";
import { eventLoopTurn } from "./event_loop_turn.ts";

// Nothing here waits for a disk, so chunks pile up until the garbage collector runs: with 1 MiB
// each this took 100 MiB more, and was no faster.
const CHUNK_BYTES = 64 * 1024;
const ZEROS = new Uint8Array(CHUNK_BYTES);

/**
 * Makes chunks of up to 64 KiB that the consumer owns. Each generator yields the chunks that have
 * become full, and must be read to its end before the next call.
 */
export class ChunkWriter {
  readonly #builder = new ChunkBuilder(CHUNK_BYTES);
  #length = 0;

  /** The number of bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /**
   * Writes `bytes` if they leave room in the chunk; returns whether they did. Makes no promise, as
   * a tar has a million headers.
   */
  appendWithin(bytes: Uint8Array): boolean {
    if (bytes.length >= this.#builder.room) return false;
    this.#length += bytes.length;
    this.#builder.append(bytes);
    return true;
  }

  /** Writes `bytes`. */
  async *append(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    this.#length += bytes.length;
    for (let done = this.#builder.append(bytes); done < bytes.length;) {
      yield this.#builder.take();
      await eventLoopTurn();
      done += this.#builder.append(bytes.subarray(done));
    }
  }

  /** Writes `count` zero bytes. */
  async *zeros(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; left -= ZEROS.length) {
      const zeros = ZEROS.subarray(0, left);
      if (!this.appendWithin(zeros)) yield* this.append(zeros);
    }
  }

  /** Yields the last, partial chunk. */
  *end(): Generator<Uint8Array> {
    if (!this.#builder.isEmpty) yield this.#builder.take();
  }
}
