/**
 * Reads a tar archive entry by entry: ustar, pax, GNU long names, GNU and pax sparse files.
 *
 * Own code since modern-tar 0.8.6 loses device numbers, and gives out sparse files and unknown kinds
 * of entries as if they were plain ones.
 */
import { ArchiveError } from "./archive_error.ts";
import type { ByteReader } from "./byte_reader.ts";
import { readHeaderBlock } from "./read_header_block.ts";
import { readTarHeader } from "./read_tar_header.ts";
import type { Segment } from "./tar_sparse.ts";
import { paddingBytes, type TarHeader } from "./tar_format.ts";

/** A piece of a file's content; what lies between two pieces, or behind the last, is a hole. */
export interface DataPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** One entry, and its content, which can be read once and only before the next entry. */
export interface TarEntry {
  readonly header: TarHeader;
  data(): AsyncGenerator<DataPiece>;
}

/** What is taken for an archive. */
export interface ReadTarOptions {
  /** Whether no bytes at all are an archive without entries: GNU tar takes them for none. @default false */
  readonly mayBeEmpty?: boolean;
}

/**
 * The entries of an archive in order, content that nobody reads being skipped. What follows the
 * end-of-archive is taken too, so that the writer of the stream can finish.
 *
 * The caller cancels `bytes` when it stops early or when this throws.
 *
 * Names that are not UTF-8 are as `decodeName` gives them.
 *
 * @throws {ArchiveError} if the archive is malformed, or is cut short inside an entry
 */
export async function* readTar(
  bytes: ByteReader,
  { mayBeEmpty = false }: ReadTarOptions = {},
): AsyncGenerator<TarEntry> {
  const globals = new Map<string, string>();
  while (true) {
    const block = await readHeaderBlock(bytes);
    const entry = block && await readTarHeader(block, bytes, globals);
    if (entry === undefined) break;
    const { header, segments, storedBytes } = entry;
    const content = new Content(header.name, segments, storedBytes, bytes);
    yield { header, data: () => content.pieces() };
    await content.skipRest();
  }
  if (bytes.position > 0 || mayBeEmpty) return;
  throw new ArchiveError("Cannot read the tar archive as there must be one: there are no bytes");
}

/** The stored bytes of one entry, padding included. */
class Content {
  readonly #name: string;
  readonly #segments: readonly Segment[];
  readonly #bytes: ByteReader;
  #left: number;

  constructor(name: string, segments: readonly Segment[], storedBytes: number, bytes: ByteReader) {
    this.#name = name;
    this.#segments = segments;
    this.#bytes = bytes;
    this.#left = storedBytes + paddingBytes(storedBytes);
  }

  async *pieces(): AsyncGenerator<DataPiece> {
    for (const { offset, length } of this.#segments) {
      for (let done = 0; done < length;) {
        const bytes = await this.#take(length - done);
        yield { offset: offset + done, bytes };
        done += bytes.length;
      }
    }
  }

  async skipRest(): Promise<void> {
    while (this.#left > 0) await this.#take(this.#left);
  }

  async #take(maxBytes: number): Promise<Uint8Array> {
    const piece = await this.#bytes.read(maxBytes);
    if (piece === undefined) {
      throw new ArchiveError(
        `Cannot read ${JSON.stringify(this.#name)} as an entry must be whole: ` +
          `the tar archive is cut short after ${this.#bytes.position} bytes`,
      );
    }
    this.#left -= piece.length;
    return piece;
  }
}
