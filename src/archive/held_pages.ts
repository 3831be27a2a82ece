/**
 * Growable arrays of numbers and bytes, in pages of a fixed size so that growing copies nothing.
 */
import { decodeName, encodeName } from "./decode_name.ts";

const PAGE_BITS = 14;
const PAGE_ITEMS = 1 << PAGE_BITS;
const ARENA_PAGE_BYTES = 1 << 16;
/** Length byte that announces a length of four bytes. */
const LONG = 255;
/** The longest length prefix. */
const LENGTH_BYTES = 5;

type Page = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** An array of a number for each id; 0 where none was set. */
export class Column {
  readonly #makePage: (items: number) => Page;
  readonly #pages: Page[] = [];

  /** @param makePage sets the type of the numbers, such as `(items) => new Uint16Array(items)` */
  constructor(makePage: (items: number) => Page) {
    this.#makePage = makePage;
  }

  get(id: number): number {
    const page = this.#pages[id >>> PAGE_BITS];
    return page === undefined ? 0 : page[id & (PAGE_ITEMS - 1)]!;
  }

  /** Sets a number. Missing pages up to that of `id` are allocated. */
  set(id: number, value: number): void {
    const index = id >>> PAGE_BITS;
    while (this.#pages.length <= index) this.#pages.push(this.#makePage(PAGE_ITEMS));
    this.#pages[index]![id & (PAGE_ITEMS - 1)] = value;
  }
}

/** An append-only store of byte strings, each found by the place that `add` returned. */
export class ByteArena {
  readonly #pages: Uint8Array[] = [];
  #filled = ARENA_PAGE_BYTES;

  /** Returns the memory that a string of `length` bytes takes. */
  static sizeOf(length: number): number {
    return length < LONG ? 1 + length : LENGTH_BYTES + length;
  }

  /**
   * Stores a copy of `bytes` and returns its place: never 0, and below 2^32 if the total size is.
   */
  add(bytes: Uint8Array): number {
    const size = ByteArena.sizeOf(bytes.length);
    if (this.#filled + size > ARENA_PAGE_BYTES) {
      this.#pages.push(new Uint8Array(Math.max(size + 1, ARENA_PAGE_BYTES)));
      this.#filled = 1; // nothing is stored at place 0
    }
    const page = this.#pages.at(-1)!;
    let at = this.#filled;
    const place = (this.#pages.length - 1) * ARENA_PAGE_BYTES + at;
    if (bytes.length < LONG) {
      page[at++] = bytes.length;
    } else {
      page[at] = LONG;
      new DataView(page.buffer).setUint32(at + 1, bytes.length);
      at += LENGTH_BYTES;
    }
    page.set(bytes, at);
    this.#filled = Math.min(at + bytes.length, ARENA_PAGE_BYTES);
    return place;
  }

  /** Returns the bytes at a place, as a view. */
  get(place: number): Uint8Array {
    const page = this.#pages[Math.floor(place / ARENA_PAGE_BYTES)]!;
    const at = place % ARENA_PAGE_BYTES;
    if (page[at] !== LONG) return page.subarray(at + 1, at + 1 + page[at]!);
    const length = new DataView(page.buffer).getUint32(at + 1);
    return page.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length);
  }

  /** Stores a name, as `decodeName` returns it. */
  addName(name: string): number {
    return this.add(encodeName(name));
  }

  /** Returns the name at a place. */
  getName(place: number): string {
    return decodeName(this.get(place));
  }
}
