/**
 * Caches the pages of a disk that were read last, so that reads close together cost one system
 * call.
 */
import { type Ext4Source, refused } from "./source.ts";

// At least the size of the largest block of ext4, so that no block crosses a page.
const PAGE_BYTES = 64 * 1024;
const MAX_PAGES = 256;

/** A source that caches up to 16 MiB of another one, and checks the range of each read. */
export class PageCache implements Ext4Source {
  readonly name: string;
  readonly size: number;
  readonly #source: Ext4Source;
  /** By number; the most recently used is last. */
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
   * Returns a view of bytes that do not cross a page, such as a block or an inode. It stays valid
   * and must not be changed.
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
