/**
 * Stores the paths of an archive as a tree of names, at some 30 bytes each: there may be a million.
 */
import { decodeName, encodeName } from "./decode_name.ts";
import { ByteArena, Column, freePages } from "./held_pages.ts";
import { HeldBytes, MAX_PATH_BYTES, type TarLimits } from "./limits.ts";

/** The id of the top folder. */
export const ROOT = 0;

/** Memory for a name: its parent, its place, and its share of an index that is 3/8 to 3/4 full. */
const NAME_BYTES = 4 + 4 + 8;
const FIRST_SLOTS = 1 << 10;
/** Room for a part of a path at first. */
const PART_BYTES = 255;
const SLASH = 0x2f;

/**
 * A tree of names with ids: the root is 0, and ids count up, so that a parent has a smaller id than
 * its children. Names are never removed. Their memory is limited; disposing frees it.
 */
export class NameTree implements Disposable {
  readonly #held: HeldBytes;
  readonly #bytesBeside: number;
  readonly #parents = new Column((items) => new Uint32Array(items));
  readonly #places = new Column((items) => new Uint32Array(items));
  readonly #arena = new ByteArena();
  /** Random in each process, so that no archive can provoke hash collisions. */
  readonly #secrets = crypto.getRandomValues(new Uint32Array(256));
  #part = new Uint8Array(PART_BYTES);
  #partBytes = 0;
  #path = new Uint8Array(MAX_PATH_BYTES);
  #slots = new Uint32Array(FIRST_SLOTS);
  #size = 1;

  /** @param bytesBeside memory that the owner of the tree takes for each name */
  constructor(bytesBeside: number, limits?: Pick<TarLimits, "heldBytes">) {
    this.#bytesBeside = bytesBeside;
    this.#held = new HeldBytes(limits);
  }

  /** The number of names, with the root: all ids are smaller. */
  get size(): number {
    return this.#size;
  }

  /** Returns the id of a name in a folder; undefined if it was not added. */
  find(parent: number, part: string): number | undefined {
    this.#encode(part);
    return this.#slots[this.#slotOf(parent)] || undefined;
  }

  /**
   * Returns the id of a path in the form that `entryPath` returns; undefined if it was not added.
   */
  findPath(path: string): number | undefined {
    if (path === "") return ROOT;
    let id: number | undefined = ROOT;
    for (let start = 0; start <= path.length && id !== undefined;) {
      const slash = path.indexOf("/", start);
      const end = slash < 0 ? path.length : slash;
      id = this.find(id, path.slice(start, end));
      start = end + 1;
    }
    return id;
  }

  /**
   * Returns the id of a name in a folder, after adding the name if it is new.
   *
   * @throws {ArchiveError} if the names take too much memory
   */
  add(parent: number, part: string): number {
    this.#encode(part);
    const slot = this.#slotOf(parent);
    if (this.#slots[slot] !== 0) return this.#slots[slot]!;
    this.hold(NAME_BYTES + this.#bytesBeside + ByteArena.sizeOf(this.#partBytes), part);
    const id = this.#size++;
    this.#parents.set(id, parent);
    this.#places.set(id, this.#arena.add(this.#part.subarray(0, this.#partBytes)));
    this.#slots[slot] = id;
    if (4 * this.#size > 3 * this.#slots.length) this.#grow();
    return id;
  }

  /**
   * Counts further memory that is kept for a name.
   *
   * @throws {ArchiveError} if the names take too much memory
   */
  hold(bytes: number, name: string): void {
    this.#held.add(bytes, name);
  }

  /** Returns the id of the folder that a name is in. */
  parent(id: number): number {
    return this.#parents.get(id);
  }

  /**
   * Compares the last parts of two paths by their bytes, which for UTF-8 is the order of code
   * points.
   *
   * @param endA the number that follows the last byte of the first, and `endB` of the second
   */
  compare(a: number, b: number, endA = -1, endB = -1): number {
    return this.#arena.compare(this.#places.get(a), this.#places.get(b), endA, endB);
  }

  /** Returns the last part of the path, as bytes. */
  bytes(id: number): Uint8Array {
    return this.#arena.get(this.#places.get(id));
  }

  /** Returns the whole path as bytes, valid until the next call; none for the root. */
  pathBytes(id: number): Uint8Array {
    let length = -1;
    for (let at = id; at !== ROOT; at = this.parent(at)) length += 1 + this.bytes(at).length;
    if (length > this.#path.length) this.#path = new Uint8Array(2 * length);
    let end = length;
    for (let at = id; at !== ROOT; at = this.parent(at)) {
      const part = this.bytes(at);
      this.#path.set(part, end - part.length);
      end -= part.length + 1;
      if (end >= 0) this.#path[end] = SLASH;
    }
    return this.#path.subarray(0, Math.max(0, length));
  }

  /** Returns the whole path; "" for the root. */
  path(id: number): string {
    return decodeName(this.pathBytes(id));
  }

  /** Puts the bytes of a name into `#part`, which is used again and again: views would be garbage. */
  #encode(part: string): void {
    this.#partBytes = part.length;
    for (let at = 0; at < part.length && at < this.#part.length; at++) {
      const code = part.charCodeAt(at);
      if (code > 0x7f) return this.#encodeOther(part);
      this.#part[at] = code;
    }
    if (part.length > this.#part.length) this.#encodeOther(part);
  }

  #encodeOther(part: string): void {
    const bytes = encodeName(part);
    if (bytes.length > this.#part.length) this.#part = new Uint8Array(bytes.length);
    this.#part.set(bytes);
    this.#partBytes = bytes.length;
  }

  /** The slot of the index that the encoded name is in, or would be in. */
  #slotOf(parent: number): number {
    const last = this.#slots.length - 1;
    for (
      let slot = this.#hash(parent, this.#part, this.#partBytes) & last;;
      slot = (slot + 1) & last
    ) {
      const id = this.#slots[slot]!;
      if (id === 0) return slot;
      if (this.#parents.get(id) !== parent) continue;
      if (this.#arena.isEqual(this.#places.get(id), this.#part, this.#partBytes)) return slot;
    }
  }

  #hash(parent: number, bytes: Uint8Array, length: number): number {
    let hash = Math.imul(parent ^ this.#secrets[0]!, 0x9e3779b1);
    for (let at = 0; at < length; at++) {
      hash = Math.imul(hash ^ (hash >>> 15) ^ this.#secrets[bytes[at]!]!, 0x85ebca6b);
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
    return hash ^ (hash >>> 13);
  }

  /** Frees the index: from here on ids can be read, but names cannot be found or added. */
  freeze(): void {
    freePages([this.#slots]);
    this.#slots = new Uint32Array(0);
  }

  [Symbol.dispose](): void {
    this.freeze();
    for (const held of [this.#parents, this.#places, this.#arena]) held[Symbol.dispose]();
  }

  #grow(): void {
    const size = 2 * this.#slots.length;
    freePages([this.#slots]);
    this.#slots = new Uint32Array(size);
    const last = this.#slots.length - 1;
    for (let id = 1; id < this.#size; id++) {
      const bytes = this.bytes(id);
      let slot = this.#hash(this.parent(id), bytes, bytes.length) & last;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & last;
      this.#slots[slot] = id;
    }
  }
}
