/** Keeps what was read of a disk last, so that neighbours cost one system call. */
import { type Ext4Source, refused } from "./source.ts";

// At least the largest block of ext4, so that no block lies across two pages.
const PAGE_BYTES = 64 * 1024;
const MAX_PAGES = 256;

/** A source that holds up to 16 MiB of another one, and checks each range that is asked for. */
export class PageCache implements Ext4Source {
  readonly name: string;
  readonly size: number;
  readonly #source: Ext4Source;
  /** By number, the one that was used last at the end. */
  readonly #pages = new Map<number, Uint8Array>();

  constructor(source: Ext4Source) {
    this.name = source.name;
    this.size = source.size;
    this.#source = source;
  }

  /** @throws {Ext4Error} if the range is not on the disk */
  readAt(offset: number, buffer: Uint8Array): void {
    this.#check(offset, buffer.length);
    if (buffer.length >= PAGE_BYTES) return this.#source.readAt(offset, buffer);
    for (let done = 0; done < buffer.length;) {
      const start = (offset + done) % PAGE_BYTES;
      const piece = this.#page((offset + done - start) / PAGE_BYTES)
        .subarray(start, start + buffer.length - done);
      buffer.set(piece, done);
      done += piece.length;
    }
  }

  /**
   * Bytes that do not cross a page, such as a block or an inode; not to be changed, valid for good.
   *
   * @throws {Ext4Error} if the range is not on the disk
   */
  view(offset: number, length: number): Uint8Array {
    this.#check(offset, length);
    const start = offset % PAGE_BYTES;
    return this.#page((offset - start) / PAGE_BYTES).subarray(start, start + length);
  }

  #check(offset: number, length: number): void {
    if (offset + length <= this.size) return;
    throw refused(this, `all must be inside of its ${this.size} bytes: byte ${offset} is not`);
  }

  #page(number: number): Uint8Array {
    const known = this.#pages.get(number);
    if (known !== undefined) {
      this.#pages.delete(number);
      this.#pages.set(number, known);
      return known;
    }
    const page = new Uint8Array(Math.min(PAGE_BYTES, this.size - number * PAGE_BYTES));
    this.#source.readAt(number * PAGE_BYTES, page);
    if (this.#pages.size === MAX_PAGES) this.#pages.delete(this.#pages.keys().next().value!);
    this.#pages.set(number, page);
    return page;
  }
}
