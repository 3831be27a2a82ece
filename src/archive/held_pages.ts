/**
 * Growable arrays of numbers and bytes, in pages of a fixed size so that growing copies nothing.
 */
const PAGE_BITS = 14;
const PAGE_ITEMS = 1 << PAGE_BITS;
const ARENA_PAGE_BYTES = 1 << 16;
/** Length byte that announces a length of four bytes. */
const LONG = 255;
/** The longest length prefix. */
const LENGTH_BYTES = 5;

type Page =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/**
 * Frees the memory of arrays that nothing uses any more. The garbage collector would do it too, but
 * later: until then the next table takes as much again.
 */
export function freePages(pages: Page[]): void {
  for (const page of pages.splice(0)) page.buffer.transfer(0);
}

/** An array of a number for each id; 0 where none was set. Disposing empties it. */
export class Column implements Disposable {
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

  [Symbol.dispose](): void {
    freePages(this.#pages);
  }
}

/**
 * An append-only store of byte strings, each found by the place that `add` returned. Disposing
 * makes its places invalid.
 */
export class ByteArena implements Disposable {
  readonly #pages: Uint8Array<ArrayBuffer>[] = [];
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
    const page = this.#page(place);
    const start = startAt(page, place);
    return page.subarray(start, start + lengthAt(page, place));
  }

  /** Whether the bytes at a place are the first `length` of `bytes`. */
  isEqual(place: number, bytes: Uint8Array, length: number): boolean {
    const page = this.#page(place);
    if (lengthAt(page, place) !== length) return false;
    const start = startAt(page, place);
    for (let at = 0; at < length; at++) if (page[start + at] !== bytes[at]) return false;
    return true;
  }

  /**
   * Compares the bytes at two places. Makes no views: a sort of a million names would leave
   * gigabytes of them.
   *
   * @param endA the number that follows the last byte of the first, and `endB` of the second
   */
  compare(placeA: number, placeB: number, endA: number, endB: number): number {
    const [a, b] = [this.#page(placeA), this.#page(placeB)];
    const [lengthA, lengthB] = [lengthAt(a, placeA), lengthAt(b, placeB)];
    const [startA, startB] = [startAt(a, placeA), startAt(b, placeB)];
    const shorter = Math.min(lengthA, lengthB);
    for (let at = 0; at < shorter; at++) {
      const order = a[startA + at]! - b[startB + at]!;
      if (order !== 0) return order;
    }
    return (lengthA > shorter ? a[startA + shorter]! : endA) -
      (lengthB > shorter ? b[startB + shorter]! : endB);
  }

  [Symbol.dispose](): void {
    freePages(this.#pages);
    this.#filled = ARENA_PAGE_BYTES;
  }

  #page(place: number): Uint8Array {
    return this.#pages[Math.floor(place / ARENA_PAGE_BYTES)]!;
  }
}

function lengthAt(page: Uint8Array, place: number): number {
  const at = place % ARENA_PAGE_BYTES;
  if (page[at] !== LONG) return page[at]!;
  return ((page[at + 1]! << 24) | (page[at + 2]! << 16) | (page[at + 3]! << 8) | page[at + 4]!) >>>
    0;
}

function startAt(page: Uint8Array, place: number): number {
  const at = place % ARENA_PAGE_BYTES;
  return at + (page[at] === LONG ? LENGTH_BYTES : 1);
}
