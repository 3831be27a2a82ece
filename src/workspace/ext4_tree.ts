/** Finds paths below a folder of an ext4 file system. */
import type { Ext4 } from "../ext4/ext4.ts";
import type { Inode } from "../ext4/inode.ts";

/** The names in a directory. */
export interface Listing {
  /** Inode numbers by name. */
  readonly names: ReadonlyMap<string, number>;
  /** Whether these are all names. */
  readonly isWhole: boolean;
}

// A hostile directory can have as many names as fit on the disk, which is more than fits in memory.
const MAX_NAMES = 2 ** 20;
// The number of names in cached listings, which make it fast to find paths in the same directory.
const MAX_CACHED_NAMES = 2 ** 18;

/** A tree of the files below one directory of a disk. Symlinks are not followed. */
export class Ext4Tree {
  readonly disk: Ext4;
  readonly #root: Inode;
  readonly #maxNames: number;
  /** By inode number of the directory; the most recently used is last. */
  readonly #listings = new Map<number, Listing>();
  #cachedNames = 0;

  /** @param maxNames maximum number of names that are read of one directory */
  constructor(disk: Ext4, root: Inode, maxNames = MAX_NAMES) {
    this.disk = disk;
    this.#root = root;
    this.#maxNames = maxNames;
  }

  /**
   * Returns the inode at an absolute path; undefined if there is none.
   *
   * @throws {Ext4Error} if a directory on the way is damaged
   */
  find(path: string): Inode | undefined {
    let inode = this.#root;
    for (const name of path.split("/")) {
      if (name === "") continue;
      if (inode.kind !== "directory") return undefined;
      const number = this.listing(inode).names.get(name);
      if (number === undefined) return undefined;
      inode = this.disk.inode(number);
    }
    return inode;
  }

  /**
   * Returns the names in a directory, from the cache if possible.
   *
   * @throws {Ext4Error} if it is damaged, or contains a name twice
   */
  listing(directory: Inode): Listing {
    const known = this.#listings.get(directory.number);
    if (known !== undefined) {
      this.#listings.delete(directory.number);
      this.#listings.set(directory.number, known);
      return known;
    }
    const listing = this.#read(directory);
    this.#listings.set(directory.number, listing);
    this.#cachedNames += listing.names.size;
    for (const [number, { names }] of this.#listings) {
      if (this.#cachedNames <= MAX_CACHED_NAMES || number === directory.number) break;
      this.#listings.delete(number);
      this.#cachedNames -= names.size;
    }
    return listing;
  }

  #read(directory: Inode): Listing {
    const names = new Map<string, number>();
    for (const { name, inode } of this.disk.entries(directory)) {
      if (names.size === this.#maxNames) return { names, isWhole: false };
      if (names.has(name)) {
        const fact = `directory ${directory.number} has ${JSON.stringify(name)} twice`;
        throw this.disk.refused(`names must be unique: ${fact}`);
      }
      names.set(name, inode);
    }
    return { names, isWhole: true };
  }
}
