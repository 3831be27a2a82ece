/** Numbers and bytes in pages of a fixed size: they grow without ever being copied. */
import { decodeName, encodeName } from "./decode_name.ts";

const PAGE_BITS = 14;
const PAGE_ITEMS = 1 << PAGE_BITS;
const ARENA_PAGE_BYTES = 1 << 16;
/** Stands in front of a length that takes four bytes. */
const LONG = 255;
/** What stands in front of bytes at most. */
const LENGTH_BYTES = 5;

type Page = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** A number for each id; 0 where none was set. */
export class Column {
  readonly #makePage: (items: number) => Page;
  readonly #pages: Page[] = [];

  /** @param makePage such as `(items) => new Uint16Array(items)`, which says what numbers there are */
  constructor(makePage: (items: number) => Page) {
    this.#makePage = makePage;
  }

  get(id: number): number {
    const page = this.#pages[id >>> PAGE_BITS];
    return page === undefined ? 0 : page[id & (PAGE_ITEMS - 1)]!;
  }

  /** @param id at most one page behind all that were set before */
  set(id: number, value: number): void {
    const index = id >>> PAGE_BITS;
    while (this.#pages.length <= index) this.#pages.push(this.#makePage(PAGE_ITEMS));
    this.#pages[index]![id & (PAGE_ITEMS - 1)] = value;
  }
}

/** Bytes that are kept for good, each run by the place at which it was put. */
export class ByteArena {
  readonly #pages: Uint8Array[] = [];
  #filled = ARENA_PAGE_BYTES;

  /** What a run of so many bytes takes. */
  static sizeOf(length: number): number {
    return length < LONG ? 1 + length : LENGTH_BYTES + length;
  }

  /** Copies `bytes`; their place is below 2^32 as long as all are, and never 0. */
  add(bytes: Uint8Array): number {
    const size = ByteArena.sizeOf(bytes.length);
    if (this.#filled + size > ARENA_PAGE_BYTES) {
      this.#pages.push(new Uint8Array(Math.max(size + 1, ARENA_PAGE_BYTES)));
      this.#filled = 1; // no run is at place 0
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

  /** The bytes at a place: a view. */
  get(place: number): Uint8Array {
    const page = this.#pages[Math.floor(place / ARENA_PAGE_BYTES)]!;
    const at = place % ARENA_PAGE_BYTES;
    if (page[at] !== LONG) return page.subarray(at + 1, at + 1 + page[at]!);
    const length = new DataView(page.buffer).getUint32(at + 1);
    return page.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length);
  }

  /** Puts a name, of any bytes. */
  addName(name: string): number {
    return this.add(encodeName(name));
  }

  /** The name at a place. */
  getName(place: number): string {
    return decodeName(this.get(place));
  }
}
