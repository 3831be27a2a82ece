/** Writes a tar archive from headers and pieces of content. */
import { ArchiveError } from "./archive_error.ts";
import { ChunkWriter } from "./chunk_writer.ts";
import { encodeTarHeader } from "./encode_tar_header.ts";
import type { DataPiece } from "./read_tar.ts";
import { BLOCK_BYTES, paddingBytes, type TarHeader } from "./tar_format.ts";

/**
 * A writer of one archive, in chunks of up to 64 KiB that the consumer owns. Each generator must be
 * read to its end before the next call.
 */
export class TarWriter {
  readonly #chunks = new ChunkWriter();

  /**
   * Writes an entry and yields the chunks that have become full. Holes between the pieces of `data`
   * become zeros.
   *
   * @throws {ArchiveError} if `data` has bytes beyond the size in the header
   */
  async *entry(header: TarHeader, data?: AsyncIterable<DataPiece>): AsyncGenerator<Uint8Array> {
    const blocks = encodeTarHeader(header);
    if (!this.#chunks.appendWithin(blocks)) yield* this.#chunks.append(blocks);
    if (header.size === 0 && data === undefined) return;
    let position = 0;
    for await (const { offset, bytes } of data ?? []) {
      yield* this.#chunks.zeros(offset - position);
      yield* this.#chunks.append(bytes);
      position = offset + bytes.length;
    }
    if (position > header.size) throw overlong(header, position);
    yield* this.#chunks.zeros(header.size - position + paddingBytes(header.size));
  }

  /** Writes the end-of-archive and yields the remaining chunks. */
  async *end(): AsyncGenerator<Uint8Array> {
    yield* this.#chunks.zeros(2 * BLOCK_BYTES);
    yield* this.#chunks.end();
  }
}

function overlong({ name, size }: TarHeader, position: number): ArchiveError {
  return new ArchiveError(
    `cannot pack ${JSON.stringify(name)}: its content must be as long as its header says: ` +
      `it has ${position} of ${size} bytes`,
  );
}
