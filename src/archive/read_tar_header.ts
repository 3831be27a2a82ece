/**
 * Reads a tar header and the extension headers in front of it: pax, GNU long names, sparse maps.
 */
import { ArchiveError } from "./archive_error.ts";
import type { ByteReader } from "./byte_reader.ts";
import { decodeName } from "./decode_name.ts";
import { decodeTarHeader, type RawHeader, readNumber } from "./decode_tar_header.ts";
import { Extensions } from "./extensions.ts";
import { readHeaderBlock } from "./read_header_block.ts";
import { checkPathBytes, type TarLimits } from "./limits.ts";
import type { Pieces } from "./sparse_pieces.ts";
import { BLOCK_BYTES, paddingBytes, type TarHeader, type TarType } from "./tar_format.ts";
import { checkedPieces, paxMap, readGnuMap, readPaxMap, type SparseMap } from "./tar_sparse.ts";

const TYPES: ReadonlyMap<string, TarType> = new Map([
  ["0", "file"],
  ["\0", "file"],
  ["7", "file"], // Contiguous, which no system distinguishes from a file any more.
  ["S", "file"],
  ["1", "link"],
  ["2", "symlink"],
  ["3", "char"],
  ["4", "block"],
  ["5", "directory"],
  ["D", "directory"], // GNU incremental: its data is a list of names, which is skipped.
  ["6", "fifo"],
]);

/** Types of headers that extend the header of the following entry, or apply to the archive. */
const EXTENSIONS = "xXgLKV";

/** A header with its extensions applied, and how its content is stored. */
export interface FullHeader {
  readonly header: TarHeader;
  /** The places of the content in a sparse file; absent if it is one piece from the start. */
  readonly pieces?: Pieces;
  /** Bytes of content that are still to be read, without padding. */
  readonly storedBytes: number;
}

/** Reads the headers of one archive. */
export class HeaderReader {
  readonly #bytes: ByteReader;
  readonly #limits: TarLimits;
  readonly #extensions = new Extensions();

  constructor(bytes: ByteReader, limits: TarLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  /**
   * Reads up to the start of the next entry's content; returns undefined at the end of the archive.
   *
   * @throws {ArchiveError} if the headers are malformed, cut short, too long or of an unknown kind
   */
  async read(): Promise<FullHeader | undefined> {
    this.#extensions.startEntry();
    for (let extendedBytes = 0;;) {
      const block = await readHeaderBlock(this.#bytes);
      if (block === undefined && !this.#extensions.isNoneWaiting) throw this.#endsWithExtension();
      // An archive may end after a label or a global header.
      if (block === undefined) return undefined;
      const raw = decodeTarHeader(block, this.#bytes.position);
      if (!EXTENSIONS.includes(raw.typeflag)) return await this.#entry(raw);
      extendedBytes += BLOCK_BYTES + raw.size + paddingBytes(raw.size);
      if (raw.size < 0 || extendedBytes > this.#limits.extendedBytes) {
        throw this.#tooLong(raw, extendedBytes);
      }
      this.#extensions.add(raw.typeflag, await this.#content(raw));
    }
  }

  async #content(raw: RawHeader): Promise<Uint8Array> {
    const padded = raw.size + paddingBytes(raw.size);
    const content = await this.#bytes.readExactly(padded);
    if (content.length < padded) throw this.#cutShort();
    return content.subarray(0, raw.size);
  }

  async #entry(raw: RawHeader): Promise<FullHeader> {
    const said = this.#extensions;
    // The name in the raw header may be cut inside a character, so it is only used if not
    // overridden.
    const nameBytes = said.bytes("GNU.sparse.name") ?? said.bytes("path") ?? raw.name;
    checkPathBytes(nameBytes, "a name");
    const name = decodeName(nameBytes);
    const type = typeOf(raw.typeflag, name);

    // Links and devices may state the size of the file that they refer to, but store no content.
    const hasContent = type === "file" || raw.typeflag === "D" ||
      TYPES.get(raw.typeflag) === "file";
    const stored = hasContent ? said.number("size") ?? raw.size : 0;
    if (stored < 0) {
      throw new ArchiveError(
        `cannot read ${JSON.stringify(name)}: its size must not be negative: ${stored}`,
      );
    }
    const header = {
      type,
      name,
      linkName: type === "link" || type === "symlink" ? this.#linkName(raw) : "",
      mode: raw.mode & 0o7777,
      uid: said.number("uid") ?? raw.uid,
      gid: said.number("gid") ?? raw.gid,
      size: type === "file" ? stored : 0,
      mtime: said.number("mtime") ?? raw.mtime,
      major: raw.major,
      minor: raw.minor,
      ...(said.xattrs !== undefined && { xattrs: said.xattrs }),
    };
    if (type !== "file" || !(raw.typeflag === "S" || said.isSparse)) {
      return { header, storedBytes: stored };
    }
    const size = raw.typeflag === "S"
      ? readNumber(raw.block, 483, 12, raw.position)
      : said.number("GNU.sparse.realsize") ?? said.number("GNU.sparse.size") ?? stored;
    const map = await this.#sparseMap(name, raw, stored);
    return {
      header: { ...header, size },
      pieces: checkedPieces(name, map, stored, size),
      storedBytes: stored - map.mapBytes,
    };
  }

  #linkName(raw: RawHeader): string {
    const bytes = this.#extensions.bytes("linkpath") ?? raw.linkName;
    checkPathBytes(bytes, "the target of a link");
    return decodeName(bytes);
  }

  async #sparseMap(name: string, raw: RawHeader, stored: number): Promise<SparseMap> {
    const most = this.#limits.sparsePieces;
    if (raw.typeflag === "S") return await readGnuMap(name, raw, this.#bytes, most);
    if (this.#extensions.hasMapInContent) return await readPaxMap(name, stored, this.#bytes, most);
    return paxMap(name, this.#extensions.mapLists, most);
  }

  #cutShort(): ArchiveError {
    return new ArchiveError(
      "cannot read the tar archive: an extended header must be whole: " +
        `the archive is cut short after ${this.#bytes.position} bytes`,
    );
  }

  #endsWithExtension(): ArchiveError {
    return new ArchiveError(
      "cannot read the tar archive: an entry must follow an extended header: " +
        `the archive ends after one, at byte ${this.#bytes.position}`,
    );
  }

  #tooLong({ size, position }: RawHeader, extendedBytes: number): ArchiveError {
    const found = size < 0 ? size : extendedBytes;
    return new ArchiveError(
      "cannot read the tar archive: the extended headers of an entry must be at most " +
        `${this.#limits.extendedBytes} bytes: those up to byte ${position} have ${found}`,
    );
  }
}

function typeOf(typeflag: string, name: string): TarType {
  const type = TYPES.get(typeflag);
  if (type === undefined) {
    throw new ArchiveError(
      `cannot read ${JSON.stringify(name)}: the type of an entry must be known: ` +
        `it is ${JSON.stringify(typeflag)}`,
    );
  }
  // Before ustar, a directory was a file whose name ends with a slash.
  return type === "file" && name.endsWith("/") ? "directory" : type;
}
