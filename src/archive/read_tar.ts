/**
 * Reads a tar archive entry by entry: ustar, pax, GNU long names, GNU and pax sparse files.
 *
 * Own code since modern-tar 0.8.6 loses device numbers, and gives out sparse files and unknown kinds
 * of entries as if they were plain ones.
 */
import { ArchiveError } from "./archive_error.ts";
import type { ByteReader } from "./byte_reader.ts";
import { TAR_LIMITS, type TarLimits } from "./limits.ts";
import { type FullHeader, HeaderReader } from "./read_tar_header.ts";
import type { Pieces } from "./sparse_pieces.ts";
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
  /** What headers may ask for. @default TAR_LIMITS */
  readonly limits?: TarLimits;
}

/**
 * The entries of an archive in order, content that nobody reads being skipped. What follows the
 * end-of-archive is taken too, so that the writer of the stream can finish.
 *
 * The caller cancels `bytes` when it stops early or when this throws. Memory does not grow, whatever
 * the archive holds: a header and its extensions are all that is kept.
 *
 * Names that are not UTF-8 are as `decodeName` gives them.
 *
 * @throws {ArchiveError} if the archive is malformed, is cut short inside an entry, or asks for more
 *   than `limits`
 */
export async function* readTar(
  bytes: ByteReader,
  { mayBeEmpty = false, limits = TAR_LIMITS }: ReadTarOptions = {},
): AsyncGenerator<TarEntry> {
  const headers = new HeaderReader(bytes, limits);
  for (let found = await headers.read(); found !== undefined; found = await headers.read()) {
    const { header } = found;
    const content = new Content(found, bytes);
    yield { header, data: () => content.pieces() };
    await content.skipRest();
  }
  if (bytes.position > 0 || mayBeEmpty) return;
  throw new ArchiveError("Cannot read the tar archive as there must be one: there are no bytes");
}

/** The stored bytes of one entry, padding included. */
class Content {
  readonly #header: TarHeader;
  readonly #map: Pieces | undefined;
  readonly #bytes: ByteReader;
  #left: number;

  constructor({ header, pieces, storedBytes }: FullHeader, bytes: ByteReader) {
    this.#header = header;
    this.#map = pieces;
    this.#bytes = bytes;
    this.#left = storedBytes + paddingBytes(storedBytes);
  }

  async *pieces(): AsyncGenerator<DataPiece> {
    const map = this.#map;
    for (let index = 0; index < (map?.count ?? 1); index++) {
      const offset = map?.offset(index) ?? 0;
      const length = map?.length(index) ?? this.#header.size;
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
        `Cannot read ${JSON.stringify(this.#header.name)} as an entry must be whole: ` +
          `the tar archive is cut short after ${this.#bytes.position} bytes`,
      );
    }
    this.#left -= piece.length;
    return piece;
  }
}
