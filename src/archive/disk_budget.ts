/** Counts the disk space that unpacked entries take, and refuses what exceeds a limit. */

/** What a name alone takes, and the unit of content: a block of most file systems. */
const BLOCK_BYTES = 4096;

/**
 * A limit on disk space, which several archives may share. Content counts in whole blocks without
 * holes, and an entry without content as one block.
 */
export class DiskBudget {
  readonly #exceeded: string;
  #bytesLeft: number;
  /** What is left of the last block of the current entry. */
  #room = 0;

  /** @param exceeded the message of the error, which states the fact alone */
  constructor(maxBytes: number, exceeded: string) {
    this.#bytesLeft = maxBytes;
    this.#exceeded = exceeded;
  }

  /** Begins an entry. @throws {Error} if the limit is exceeded. */
  begin(): void {
    this.#room = 0;
    this.#take(BLOCK_BYTES);
  }

  /** Counts content of the current entry. @throws {Error} if the limit is exceeded. */
  write(bytes: number): void {
    const missing = Math.max(0, bytes - this.#room);
    this.#take(Math.ceil(missing / BLOCK_BYTES) * BLOCK_BYTES);
    this.#room -= bytes;
  }

  #take(bytes: number): void {
    this.#bytesLeft -= bytes;
    this.#room += bytes;
    if (this.#bytesLeft < 0) throw new Error(this.#exceeded);
  }
}
