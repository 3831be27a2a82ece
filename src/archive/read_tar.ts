/**
 * Reads a tar archive entry by entry: ustar, pax, GNU long names, GNU and pax sparse files.
 *
 * Not done by modern-tar: 0.8.6 loses device numbers, and treats sparse files and unknown types of
 * entries as plain files.
 */
import { ArchiveError } from "./archive_error.ts";
import type { ByteReader } from "./byte_reader.ts";
import { TAR_LIMITS, type TarLimits } from "./limits.ts";
import { type FullHeader, HeaderReader } from "./read_tar_header.ts";
import type { Pieces } from "./sparse_pieces.ts";
import { paddingBytes, type TarHeader } from "./tar_format.ts";

/** A piece of a file's content; the gaps between pieces and after the last are holes. */
export interface DataPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** One entry. Its content can be read once, and only before the next entry. */
export interface TarEntry {
  readonly header: TarHeader;
  data(): AsyncGenerator<DataPiece>;
}

/** Options of {@linkcode readTar}. */
export interface ReadTarOptions {
  /**
   * Whether no bytes at all are a valid archive without entries; not so in GNU tar. @default false
   */
  readonly mayBeEmpty?: boolean;
  /** Limits on the memory that headers may take. @default TAR_LIMITS */
  readonly limits?: TarLimits;
}

/**
 * Yields the entries of an archive in order. Content that is not read is skipped. What follows the
 * end-of-archive is read and discarded, so that the writer of the stream can finish.
 *
 * The caller cancels `bytes` if it stops early or if this throws. Only one header and its
 * extensions are kept in memory, whatever the archive contains.
 *
 * Names that are not UTF-8 are as `decodeName` returns them.
 *
 * @throws {ArchiveError} if the archive is malformed, is cut short inside an entry, or exceeds
 *   `limits`
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
  throw new ArchiveError("cannot read the tar archive: there must be one: the input is empty");
}

/** The stored bytes of one entry, with their padding. */
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
        `cannot read ${JSON.stringify(this.#header.name)}: an entry must be whole: ` +
          `the tar archive is cut short after ${this.#bytes.position} bytes`,
      );
    }
    this.#left -= piece.length;
    return piece;
  }
}
