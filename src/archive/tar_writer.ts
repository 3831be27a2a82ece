/** Writes the entries of a tar archive that are made from headers and pieces of content. */
import { ArchiveError } from "./archive_error.ts";
import { ChunkBuilder } from "./chunk_builder.ts";
import { encodeTarHeader } from "./encode_tar_header.ts";
import { eventLoopTurn } from "./event_loop_turn.ts";
import type { DataPiece } from "./read_tar.ts";
import { BLOCK_BYTES, paddingBytes, type TarHeader } from "./tar_format.ts";

// No disk is waited for here: larger chunks pile up until the garbage collector comes round.
const CHUNK_BYTES = 64 * 1024;
const ZEROS = new Uint8Array(CHUNK_BYTES);

/**
 * One archive, collected into chunks of up to 64 KiB that the consumer owns. Each generator is to be
 * read to its end before the next call.
 */
export class TarWriter {
  readonly #builder = new ChunkBuilder(CHUNK_BYTES);

  /**
   * The chunks that are full once this entry is in the archive. Holes between the pieces of `data`
   * become zeros.
   *
   * @throws {ArchiveError} if `data` has bytes beyond the size in the header
   */
  async *entry(header: TarHeader, data?: AsyncIterable<DataPiece>): AsyncGenerator<Uint8Array> {
    yield* this.#append(encodeTarHeader(header));
    let position = 0;
    for await (const { offset, bytes } of data ?? []) {
      yield* this.#zeros(offset - position);
      yield* this.#append(bytes);
      position = offset + bytes.length;
    }
    if (position > header.size) throw overlong(header, position);
    yield* this.#zeros(header.size - position + paddingBytes(header.size));
  }

  /** What is left, and the end-of-archive. */
  async *end(): AsyncGenerator<Uint8Array> {
    yield* this.#zeros(2 * BLOCK_BYTES);
    if (!this.#builder.isEmpty) yield this.#builder.take();
  }

  async *#append(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let done = this.#builder.append(bytes); done < bytes.length;) {
      yield this.#builder.take();
      await eventLoopTurn();
      done += this.#builder.append(bytes.subarray(done));
    }
  }

  async *#zeros(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; left -= ZEROS.length) {
      yield* this.#append(ZEROS.subarray(0, left));
    }
  }
}

function overlong({ name, size }: TarHeader, position: number): ArchiveError {
  return new ArchiveError(
    `Cannot pack ${JSON.stringify(name)} as its content must be as long as its header says: ` +
      `it has ${position} of ${size} bytes`,
  );
}
