/** How much an archive that need not be trusted may ask for, and why no real one asks for more. */
import { ArchiveError } from "./archive_error.ts";

/** The longest path that the kernel takes: PATH_MAX of include/uapi/linux/limits.h, its NUL counted. */
export const MAX_PATH_BYTES: number = 4096 - 1;

/** The longest part of a path: NAME_MAX of include/uapi/linux/limits.h. */
export const MAX_PART_BYTES = 255;

/** Bounds on what is kept in memory; sizes of files are none of it, as content passes in pieces. */
export interface TarLimits {
  /**
   * Bytes of all extended headers of one entry (pax, GNU long names), their blocks counted.
   *
   * @default 1 MiB, as for each of them in Go's archive/tar, so in Docker and containerd: a path has
   *   4 KiB, an extended attribute 64 KiB (XATTR_SIZE_MAX of include/uapi/linux/limits.h)
   */
  readonly extendedBytes: number;
  /**
   * Pieces of data in one sparse file.
   *
   * @default 2^20, at 16 bytes each: a file of 4 TiB with a hole behind each 4 MiB
   */
  readonly sparsePieces: number;
  /**
   * What names take that have to be known to the end: of folders when unpacking into a new folder, of
   * all entries else.
   *
   * @default 40 MiB, some 900,000 names of an image: with what the runtime leaves to its garbage
   *   collector that is some 100 MiB
   */
  readonly heldBytes: number;
}

/** The bounds unless others are given. */
export const TAR_LIMITS: TarLimits = {
  extendedBytes: 1 << 20,
  sparsePieces: 1 << 20,
  heldBytes: 40 << 20,
};

/** Counts what has to be kept of entries, and refuses an archive that has too much of it. */
export class HeldBytes {
  readonly #max: number;
  #bytes = 0;

  constructor({ heldBytes }: Pick<TarLimits, "heldBytes"> = TAR_LIMITS) {
    this.#max = heldBytes;
  }

  /**
   * @param name what they are kept for
   * @throws {ArchiveError} if these are too many
   */
  add(bytes: number, name: string): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#max) return;
    throw new ArchiveError(
      `Cannot take in ${JSON.stringify(name)} as the names of an archive must take at most ` +
        `${this.#max} bytes of memory: there are more before it`,
    );
  }
}

/**
 * Refuses what no file system would take as a path, before anything looks at its parts.
 *
 * @param what what `bytes` are, for the message
 * @throws {ArchiveError} if it or one of its parts is too long
 */
export function checkPathBytes(bytes: Uint8Array, what: string): void {
  if (bytes.length > MAX_PATH_BYTES) {
    throw tooLong(bytes, what, `${MAX_PATH_BYTES} bytes`, bytes.length);
  }
  if (bytes.length <= MAX_PART_BYTES) return;
  for (let start = 0; start < bytes.length;) {
    const slash = bytes.indexOf(SLASH, start);
    const end = slash < 0 ? bytes.length : slash;
    if (end - start > MAX_PART_BYTES) {
      throw tooLong(bytes, what, `${MAX_PART_BYTES} bytes between slashes`, end - start);
    }
    start = end + 1;
  }
}

const SLASH = 0x2f;
const SHOWN_BYTES = 64;

function tooLong(bytes: Uint8Array, what: string, most: string, found: number): ArchiveError {
  const start = new TextDecoder().decode(bytes.subarray(0, SHOWN_BYTES));
  return new ArchiveError(
    `Cannot read ${JSON.stringify(`${start}...`)} as ${what} must have at most ${most}: ` +
      `it has ${found}`,
  );
}
