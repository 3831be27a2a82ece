/** The numbers of a sparse map that is written in decimal digits. */
import { ArchiveError } from "./archive_error.ts";
import type { Pieces } from "./sparse_pieces.ts";

/** Up to here numbers of so many digits are exact. */
const MAX_NUMBER = 1e15;

/** Takes decimal numbers as bytes come, without a text or a list of them. */
export class MapNumbers {
  readonly #pieces: Pieces;
  readonly #separator: number;
  #digits = 0;
  #value = 0;
  #offset: number | undefined;
  /** Numbers that are to come, once that is known; -1 before the count itself. */
  #left = Infinity;

  constructor(pieces: Pieces, separator: number) {
    this.#pieces = pieces;
    this.#separator = separator;
  }

  /** The first number says how many pairs follow. */
  expectCount(): void {
    this.#left = -1;
  }

  /** Whether all numbers that were counted are there. */
  get isWhole(): boolean {
    return this.#left === 0;
  }

  /** The next bytes; those behind the last number are no part of it. */
  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.isWhole) return;
      if (byte === this.#separator) this.endNumber();
      else this.#digit(byte - 0x30);
    }
  }

  /** What a separator says. */
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

  /** All pieces, if no number is missing. */
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

/** The failure of a map that cannot be that of its entry. */
export function badMap(name: string): ArchiveError {
  return new ArchiveError(
    `Cannot read ${JSON.stringify(name)} as a sparse entry must list its pieces in order: ` +
      "its map does not fit its data",
  );
}
