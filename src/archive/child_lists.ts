/** Lists the children of each folder in a tree of names. */
import { Column } from "./held_pages.ts";
import type { NameTree } from "./name_tree.ts";
import { sortIds } from "./sort_ids.ts";

/** Memory that a list takes for each name. */
export const CHILD_LIST_BYTES: number = 4 + 4;

/** Linked lists of children, with two numbers for each name. Disposing frees them. */
export class ChildLists implements Disposable {
  readonly #names: NameTree;
  readonly #first = new Column((items) => new Uint32Array(items));
  readonly #next = new Column((items) => new Uint32Array(items));

  constructor(names: NameTree) {
    this.#names = names;
  }

  /** Adds a name to the list of its parent; to be called once for each name. */
  add(id: number): void {
    const parent = this.#names.parent(id);
    this.#next.set(id, this.#first.get(parent));
    this.#first.set(parent, id);
  }

  /** The children of a folder, the last added first. */
  *of(parent: number): Generator<number> {
    for (let id = this.#first.get(parent); id !== 0; id = this.#next.get(id)) yield id;
  }

  /** The children that `isWanted` accepts, sorted by the bytes of their names. */
  sorted(parent: number, isWanted: (id: number) => boolean): Uint32Array {
    let count = 0;
    for (const id of this.of(parent)) if (isWanted(id)) count++;
    const ids = new Uint32Array(count);
    for (const id of this.of(parent)) if (isWanted(id)) ids[--count] = id;
    sortIds(ids, (a, b) => this.#names.compare(a, b));
    return ids;
  }

  /** All descendants of a folder, sorted by the bytes of their paths: "a-b" comes before "a/b". */
  *byPath(parent: number): Generator<number> {
    // A folder has two keys: an even one for itself and an odd one for its content.
    let count = 0;
    for (const id of this.of(parent)) count += this.#first.get(id) === 0 ? 1 : 2;
    const keys = new Uint32Array(count);
    for (const id of this.of(parent)) {
      keys[--count] = 2 * id;
      if (this.#first.get(id) !== 0) keys[--count] = 2 * id + 1;
    }
    sortIds(keys, (a, b) => this.#compareKeys(a, b));
    for (const key of keys) {
      if (key % 2 === 0) yield key / 2;
      else yield* this.byPath((key - 1) / 2);
    }
  }

  [Symbol.dispose](): void {
    for (const held of [this.#first, this.#next]) held[Symbol.dispose]();
  }

  #compareKeys(a: number, b: number): number {
    // The key of the content of a folder sorts like its name with a slash.
    return this.#names.compare(
      a >>> 1,
      b >>> 1,
      a % 2 === 0 ? -1 : SLASH,
      b % 2 === 0 ? -1 : SLASH,
    );
  }
}

const SLASH = 0x2f;
