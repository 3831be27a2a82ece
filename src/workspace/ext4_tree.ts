/** Finds paths below a folder of an ext4 file system. */
import type { Ext4 } from "../ext4/ext4.ts";
import type { Inode } from "../ext4/inode.ts";

/** The names in a directory, with the numbers of their inodes. */
export interface Listing {
  readonly names: ReadonlyMap<string, number>;
  /** Whether these are all of them. */
  readonly isWhole: boolean;
}

// A hostile directory can have as many names as fit on the disk, which is more than fit in memory.
const MAX_NAMES = 2 ** 20;
// What was read of directories is kept up to this, so that neighbours are found at once.
const MAX_CACHED_NAMES = 2 ** 18;

/** A folder of a disk as a tree of its own; no symlink is followed. */
export class Ext4Tree {
  readonly disk: Ext4;
  readonly #root: Inode;
  readonly #maxNames: number;
  /** By number of the directory, the one used last at the end. */
  readonly #listings = new Map<number, Listing>();
  #cachedNames = 0;

  /** @param maxNames how many names of one directory are read at most */
  constructor(disk: Ext4, root: Inode, maxNames = MAX_NAMES) {
    this.disk = disk;
    this.#root = root;
    this.#maxNames = maxNames;
  }

  /**
   * What is at an absolute path, if anything is.
   *
   * @throws {Ext4Error} if what leads there is damaged
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
   * The names in a directory.
   *
   * @throws {Ext4Error} if it is damaged, or has a name twice
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
