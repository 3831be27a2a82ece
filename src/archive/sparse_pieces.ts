/** Stores the pieces of data in a sparse file compactly: an archive may list a million of them. */
import { ArchiveError } from "./archive_error.ts";

const FIRST_ROOM = 64;

/** The offsets in the file and lengths of stored runs of bytes, in the order of storage. */
export class Pieces {
  /** The name of the file, for messages. */
  readonly name: string;
  /** The maximum number of pieces. */
  readonly max: number;
  /** Offset and length of each piece, alternating. */
  #numbers = new Float64Array(2 * FIRST_ROOM);
  #count = 0;

  constructor(name: string, max: number) {
    this.name = name;
    this.max = max;
  }

  get count(): number {
    return this.#count;
  }

  offset(index: number): number {
    return this.#numbers[2 * index]!;
  }

  length(index: number): number {
    return this.#numbers[2 * index + 1]!;
  }

  /** Appends a piece. @throws {ArchiveError} if there are `max` pieces already */
  add(offset: number, length: number): void {
    if (this.#count === this.max) throw this.tooMany();
    if (2 * this.#count === this.#numbers.length) {
      const larger = new Float64Array(2 * this.#numbers.length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[2 * this.#count] = offset;
    this.#numbers[2 * this.#count + 1] = length;
    this.#count++;
  }

  tooMany(): ArchiveError {
    return new ArchiveError(
      `cannot read ${JSON.stringify(this.name)}: a sparse entry must have at most ` +
        `${this.max} pieces: its map lists more`,
    );
  }
}
