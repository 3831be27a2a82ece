/** Parses the decimal numbers of a sparse map. */
import { ArchiveError } from "./archive_error.ts";
import type { Pieces } from "./sparse_pieces.ts";

/** Larger numbers are refused: they might not be exact. */
const MAX_NUMBER = 1e15;

/** A parser that is fed bytes as they arrive and keeps neither text nor a list of numbers. */
export class MapNumbers {
  readonly #pieces: Pieces;
  readonly #separator: number;
  #digits = 0;
  #value = 0;
  #offset: number | undefined;
  /** Numbers still expected; Infinity if there is no count, -1 before the count itself. */
  #left = Infinity;

  constructor(pieces: Pieces, separator: number) {
    this.#pieces = pieces;
    this.#separator = separator;
  }

  /** Makes the first number the count of pairs that follow. */
  expectCount(): void {
    this.#left = -1;
  }

  /** Whether as many numbers as counted have been parsed. */
  get isWhole(): boolean {
    return this.#left === 0;
  }

  /** Parses the next bytes; those after the last number are ignored. */
  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.isWhole) return;
      if (byte === this.#separator) this.endNumber();
      else this.#digit(byte - 0x30);
    }
  }

  /** Ends the current number, as a separator does. */
  endNumber(): void {
    if (this.#digits === 0) throw badMap(this.#pieces.name);
    const value = this.#value;
    this.#digits = 0;
    this.#value = 0;
    if (this.#left < 0) {
      if (value > this.#pieces.max) throw this.#pieces.tooMany();
      this.#left = 2 * value;
      return;
    }
    this.#left--;
    if (this.#offset === undefined) {
      this.#offset = value;
    } else {
      this.#pieces.add(this.#offset, value);
      this.#offset = undefined;
    }
  }

  /** Returns all pieces. @throws {ArchiveError} if the length of the last is missing */
  finish(): Pieces {
    if (this.#offset !== undefined) throw badMap(this.#pieces.name);
    return this.#pieces;
  }

  #digit(digit: number): void {
    if (digit < 0 || digit > 9) throw badMap(this.#pieces.name);
    this.#digits++;
    this.#value = this.#value * 10 + digit;
    if (this.#value >= MAX_NUMBER) throw badMap(this.#pieces.name);
  }
}

/** Makes the error for a malformed map, or one that does not match its entry. */
export function badMap(name: string): ArchiveError {
  return new ArchiveError(
    `cannot read ${JSON.stringify(name)}: a sparse entry must list its pieces in order: ` +
      "its map does not fit its data",
  );
}
