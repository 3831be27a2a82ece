/** Collects what an archive is made of into chunks, without keeping others from their turn. */
import { ChunkBuilder } from "./chunk_builder.ts";
import { eventLoopTurn } from "./event_loop_turn.ts";

// No disk is waited for here, so chunks pile up until the garbage collector comes round: with 1 MiB
// each that was 100 MiB more, and no faster.
const CHUNK_BYTES = 64 * 1024;
const ZEROS = new Uint8Array(CHUNK_BYTES);

/**
 * Makes chunks of up to 64 KiB that the consumer owns. Each generator gives those that are full by
 * then, and is to be read to its end before the next call.
 */
export class ChunkWriter {
  readonly #builder = new ChunkBuilder(CHUNK_BYTES);
  #length = 0;

  /** Bytes that have been written so far. */
  get length(): number {
    return this.#length;
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

  /** Writes so many zeros. */
  async *zeros(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; left -= ZEROS.length) {
      yield* this.append(ZEROS.subarray(0, left));
    }
  }

  /** What is left. */
  *end(): Generator<Uint8Array> {
    if (!this.#builder.isEmpty) yield this.#builder.take();
  }
}
