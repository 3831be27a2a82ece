/** Limits on the memory that an untrusted archive may take, and why real ones stay below them. */
import { ArchiveError } from "./archive_error.ts";

/**
 * The longest path that the kernel accepts: PATH_MAX of include/uapi/linux/limits.h without the
 * NUL.
 */
export const MAX_PATH_BYTES: number = 4096 - 1;

/** The longest part of a path: NAME_MAX of include/uapi/linux/limits.h. */
export const MAX_PART_BYTES = 255;

/** The longest name of an extended attribute: XATTR_NAME_MAX of include/uapi/linux/limits.h. */
export const MAX_XATTR_NAME_BYTES = 255;

/**
 * Bytes of all names of extended attributes of a file, each with a NUL: XATTR_LIST_MAX of
 * include/uapi/linux/limits.h. An attribute with a short value takes 20 times its size in memory.
 */
export const MAX_XATTR_LIST_BYTES: number = 64 << 10;

/**
 * Limits on what is kept in memory. The size of files is not limited: their content is streamed.
 */
export interface TarLimits {
  /**
   * Bytes of all extended headers of one entry (pax, GNU long names), in whole blocks.
   *
   * @default 1 MiB, the limit for one header in Go's archive/tar, and so in Docker and containerd:
   * a
   *   path has 4 KiB, an extended attribute 64 KiB (XATTR_SIZE_MAX of include/uapi/linux/limits.h)
   */
  readonly extendedBytes: number;
  /**
   * Pieces of data in one sparse file.
   *
   * @default 2^20, at 16 bytes each: a file of 4 TiB with a hole after every 4 MiB
   */
  readonly sparsePieces: number;
  /**
   * Bytes of the names that have to be kept until the end: those of folders when unpacking into a
   * new folder, else those of all entries.
   *
   * @default 28 MiB, some 480,000 names of a Debian root at 55 to 64 bytes each. A process grows by
   *   80 MiB with it, as V8's heap takes 40 to 50 MiB whatever is read
   */
  readonly heldBytes: number;
}

/** The default limits. */
export const TAR_LIMITS: TarLimits = {
  extendedBytes: 1 << 20,
  sparsePieces: 1 << 20,
  heldBytes: 28 << 20,
};

/** Counts the memory that the names of an archive take, and refuses an archive that exceeds it. */
export class HeldBytes {
  readonly #max: number;
  #bytes = 0;

  constructor({ heldBytes }: Pick<TarLimits, "heldBytes"> = TAR_LIMITS) {
    this.#max = heldBytes;
  }

  /**
   * Counts bytes.
   *
   * @param name of the entry that they belong to, for the message
   * @throws {ArchiveError} if the total exceeds the limit
   */
  add(bytes: number, name: string): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#max) return;
    throw new ArchiveError(
      `cannot read ${JSON.stringify(name)}: the names of an archive must take at most ` +
        `${this.#max} bytes of memory: this one exceeds that`,
    );
  }
}

/**
 * Refuses a path that is too long for any file system, before it is split into parts.
 *
 * @param what the kind of path, such as `a name`, for the message
 * @throws {ArchiveError} if the path or one of its parts is too long
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
    `cannot read ${JSON.stringify(`${start}...`)}: ${what} must have at most ${most}: ` +
      `it has ${found}`,
  );
}
