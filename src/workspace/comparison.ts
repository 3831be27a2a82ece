/** Compares folders of a run's disk with what was there before. */
import { eventLoopTurn } from "../archive/event_loop_turn.ts";
import type { Ext4 } from "../ext4/ext4.ts";
import type { Inode } from "../ext4/inode.ts";
import { type Artifact, type Change, type Entry, entryOf, isSameEntry } from "./artifact.ts";
import { Ext4Tree } from "./ext4_tree.ts";
import { hashFile } from "./hash_file.ts";
import { type Lower, NOTHING } from "./lower.ts";
import { isOpaque, isWhiteout } from "./overlay_marks.ts";
import { WORKSPACE } from "./workspace_layout.ts";

/** How much to look at. */
export interface ComparisonBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** A folder of the disk, and what it is compared with. */
export interface ComparedFolder {
  /** Where it is on the disk. */
  readonly from: string;
  /** Where the guest has it. */
  readonly path: string;
  /** What was there before; its paths are the guest's. */
  readonly lower: Lower;
  /** Whether it is the upper directory of an overlay; else what is not in it is not there. */
  readonly isOverlay: boolean;
}

/** A directory that is still to be compared. */
interface Directory {
  readonly path: string;
  readonly inode: Inode;
  readonly lower: Lower;
  readonly isOverlay: boolean;
  /** Whether what is missing here is gone, instead of being that of the image. */
  readonly isAll: boolean;
}

// PATH_MAX of include/uapi/linux/limits.h: no program of the guest can name what is deeper.
const MAX_PATH = 4095;
// At some 20 us each the event loop is kept waiting for a few milliseconds.
const ENTRIES_PER_TURN = 256;

/** Collects artifacts until its bounds are met. */
export class Comparison {
  readonly artifacts: Artifact[] = [];
  /** Whether a bound was met. */
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

  /** Adds the artifacts of a folder. One call at a time. @throws {Ext4Error} if the disk is damaged */
  async compare({ from, path, lower, isOverlay }: ComparedFolder): Promise<void> {
    const inode = this.#tree.find(from);
    if (inode?.kind !== "directory") {
      throw this.#disk.refused(`it must have a folder ${from}: there is none`);
    }
    const left: Directory[] = [{ path, inode, lower, isOverlay, isAll: !isOverlay }];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      for await (const found of this.#compareDirectory(next)) left.push(found);
    }
  }

  /** Compares what is in a directory, and gives the directories among it. */
  async *#compareDirectory(directory: Directory): AsyncGenerator<Directory> {
    const { inode, lower, isOverlay } = directory;
    if (this.#seen.has(inode.number)) {
      throw this.#disk.refused(`directories must have one parent: ${inode.number} has several`);
    }
    this.#seen.add(inode.number);
    const { names, isWhole } = this.#tree.listing(inode);
    if (!isWhole) this.truncated = true;
    for (const name of [...names.keys()].sort()) {
      const path = joined(directory.path, name);
      // What the guest mounts there hides it.
      if (isOverlay && path === WORKSPACE) continue;
      if (!await this.#mayLookAt(path)) continue;
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
    { lower, isOverlay, isAll }: Directory,
  ): Promise<Directory | undefined> {
    const before = lower.lookup(path);
    if (isOverlay && isWhiteout(this.#disk, inode)) {
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
        isOverlay,
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

  /** Adds something of the image, and all that is in it. */
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

  /** The hash of a file, unless that would be more than is to be read. */
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

  /** Counts a path, and lets the event loop run at times. */
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
