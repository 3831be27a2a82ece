/** Compares the disk of a run with the files that were there before. */
import { eventLoopTurn } from "../archive/event_loop_turn.ts";
import type { Ext4 } from "../ext4/ext4.ts";
import type { Inode } from "../ext4/inode.ts";
import { type Artifact, type Change, type Entry, entryOf, isSameEntry } from "./artifact.ts";
import { Ext4Tree } from "./ext4_tree.ts";
import { hashFile } from "./hash_file.ts";
import { type Lower, NOTHING } from "./lower.ts";
import { isOpaque, isWhiteout } from "./overlay_marks.ts";
import { diskPath, UPPER } from "./workspace_layout.ts";

/** Limits of a comparison. */
export interface ComparisonBounds {
  /** Paths that are compared. */
  readonly maxEntries: number;
  /** Bytes that are hashed. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** What the tree of the guest is compared with. */
export interface ComparedTree {
  /** The files that were there before. */
  readonly lower: Lower;
  /** Paths that are skipped, with everything below them. */
  readonly leftOut: readonly string[];
}

/** A directory that is still to be compared. */
interface Directory {
  readonly path: string;
  readonly inode: Inode;
  readonly lower: Lower;
  /** Whether names that are missing here are deleted; else those of the image show through. */
  readonly isAll: boolean;
}

// PATH_MAX of include/uapi/linux/limits.h: programs in the guest cannot name longer paths.
const MAX_PATH = 4095;
// At some 20 us each they block the event loop for a few milliseconds.
const ENTRIES_PER_TURN = 256;

/** Collects artifacts until it reaches a limit. */
export class Comparison {
  readonly artifacts: Artifact[] = [];
  /** Whether a limit was reached. */
  truncated = false;
  readonly #disk: Ext4;
  readonly #tree: Ext4Tree;
  readonly #signal: AbortSignal | undefined;
  readonly #seen = new Set<number>();
  readonly #hashes = new Map<number, string>();
  #entriesLeft: number;
  #bytesLeft: number;

  constructor(disk: Ext4, { maxEntries, maxBytes, signal }: ComparisonBounds) {
    this.#disk = disk;
    this.#tree = new Ext4Tree(disk, disk.root(), maxEntries);
    this.#signal = signal;
    this.#entriesLeft = maxEntries;
    this.#bytesLeft = maxBytes;
  }

  /**
   * Adds the artifacts of the whole tree except `leftOut`. One call at a time.
   *
   * @throws {Ext4Error} if the disk is damaged
   */
  async compareTree({ lower, leftOut }: ComparedTree): Promise<void> {
    const inode = this.#tree.find(UPPER);
    if (inode?.kind !== "directory") {
      throw this.#disk.refused(`it must have a folder ${UPPER}: there is none`);
    }
    await this.#compareBelow({ path: "/", inode, lower, isAll: false }, new Set(leftOut));
  }

  /**
   * Adds the artifacts of a folder that was made for the run, and so hides that of the image. One
   * call at a time.
   *
   * @param lower the files that were in the folder before; if it has no entry for the folder
   * itself, the folder is not reported as an artifact
   * @throws {Ext4Error} if the disk is damaged
   */
  async compareFolder(path: string, lower: Lower): Promise<void> {
    const inode = this.#tree.find(diskPath(path));
    if (inode === undefined) return await this.#addDeleted(path, lower);
    const directory = { path, inode, lower, isAll: true };
    if (inode.kind !== "directory") return void await this.#compareEntry(path, inode, directory);
    const before = lower.lookup(path);
    if (before !== undefined) await this.#addIfChanged(path, inode, { before, lower });
    await this.#compareBelow(directory, new Set());
  }

  async #compareBelow(directory: Directory, leftOut: ReadonlySet<string>): Promise<void> {
    const left = [directory];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      for await (const found of this.#compareDirectory(next, leftOut)) left.push(found);
    }
  }

  /**
   * Compares the content of a directory, and yields its subdirectories, which are still to compare.
   */
  async *#compareDirectory(
    directory: Directory,
    leftOut: ReadonlySet<string>,
  ): AsyncGenerator<Directory> {
    const { inode, lower } = directory;
    if (this.#seen.has(inode.number)) {
      throw this.#disk.refused(`directories must have one parent: ${inode.number} has several`);
    }
    this.#seen.add(inode.number);
    const { names, isWhole } = this.#tree.listing(inode);
    if (!isWhole) this.truncated = true;
    for (const name of [...names.keys()].sort()) {
      const path = joined(directory.path, name);
      if (leftOut.has(path) || !await this.#mayLookAt(path)) continue;
      const found = await this.#compareEntry(path, this.#disk.inode(names.get(name)!), directory);
      if (found !== undefined) yield found;
    }
    if (!directory.isAll || !isWhole) return;
    for (const name of lower.list(directory.path)) {
      if (!names.has(name)) await this.#addDeleted(joined(directory.path, name), lower);
    }
  }

  async #compareEntry(
    path: string,
    inode: Inode,
    { lower, isAll }: Directory,
  ): Promise<Directory | undefined> {
    const before = lower.lookup(path);
    if (isWhiteout(this.#disk, inode)) {
      if (before !== undefined) await this.#addDeleted(path, lower);
      return undefined;
    }
    const wasDirectory = before?.kind === "directory";
    await this.#addIfChanged(path, inode, { before, lower });
    if (inode.kind === "directory") {
      return {
        path,
        inode,
        lower: wasDirectory ? lower : NOTHING,
        isAll: isAll || isOpaque(this.#disk, inode),
      };
    }
    if (wasDirectory) await this.#addDeletedBelow(path, lower);
    return undefined;
  }

  async #addIfChanged(
    path: string,
    inode: Inode,
    { before, lower }: { before: Entry | undefined; lower: Lower },
  ): Promise<void> {
    const target = inode.kind === "symlink" ? this.#disk.linkTarget(inode) : undefined;
    const entry = entryOf(inode, target);
    const sha256 = inode.kind === "file" ? await this.#sha256(inode) : undefined;
    const isSame = before !== undefined && isSameEntry(before, entry) &&
      (inode.kind !== "file" || sha256 !== undefined && sha256 === await lower.sha256(path));
    if (isSame) return;
    this.#add(path, before === undefined ? "created" : "changed", entry, sha256);
  }

  /** Adds a path of the image as deleted, with everything below it. */
  async #addDeleted(path: string, lower: Lower): Promise<void> {
    const before = lower.lookup(path);
    if (before === undefined || !await this.#mayLookAt(path)) return;
    this.#add(path, "deleted", before);
    await this.#addDeletedBelow(path, lower);
  }

  async #addDeletedBelow(path: string, lower: Lower): Promise<void> {
    for (const name of lower.list(path)) await this.#addDeleted(joined(path, name), lower);
  }

  #add(path: string, change: Change, entry: Entry, sha256?: string): void {
    const { kind, mode, uid, gid, size, linkTarget, device } = entry;
    this.artifacts.push({
      path,
      change,
      kind,
      mode,
      uid,
      gid,
      size,
      ...(sha256 !== undefined && { sha256 }),
      ...(linkTarget !== undefined && { linkTarget }),
      ...(device !== undefined && { device }),
    });
  }

  /** The hash of a file; undefined if hashing it would exceed the limit. */
  async #sha256(file: Inode): Promise<string | undefined> {
    const known = this.#hashes.get(file.number);
    if (known !== undefined) return known;
    if (file.size > this.#bytesLeft) {
      this.truncated = true;
      return undefined;
    }
    this.#bytesLeft -= file.size;
    const sha256 = await hashFile(this.#disk, file, this.#signal);
    if (file.links > 1) this.#hashes.set(file.number, sha256);
    return sha256;
  }

  /**
   * Counts a path and runs the event loop now and then. Returns false once the limit is reached.
   */
  async #mayLookAt(path: string): Promise<boolean> {
    if (this.#entriesLeft === 0 || path.length > MAX_PATH) {
      this.truncated = true;
      return false;
    }
    if (--this.#entriesLeft % ENTRIES_PER_TURN === 0) {
      await eventLoopTurn();
      this.#signal?.throwIfAborted();
    }
    return true;
  }
}

function joined(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}
