// The root that stacked layers make: its names, and the entry of a layer that each comes from.
//
// The rules are those of the OCI image spec, layer.md, "Applying Changesets"; where it has none,
// those of containerd: parents that are symlinks are followed, without leaving the root.

import { ArchiveError } from "../archive/archive_error.ts";
import { CHILD_LIST_BYTES, ChildLists } from "../archive/child_lists.ts";
import { ByteArena, Column } from "../archive/held_pages.ts";
import { MAX_PART_BYTES, MAX_PATH_BYTES, type TarLimits } from "../archive/limits.ts";
import { NameTree, ROOT } from "../archive/name_tree.ts";
import { sortIds } from "../archive/sort_ids.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import type { MergedNames } from "./merged_names.ts";
import { packHeader, unpackHeader } from "./packed_header.ts";
import { byteLength, checkedPath, checkNumbers, IMPLIED_FOLDER } from "./root_path.ts";
import { StepBudget } from "./step_budget.ts";
import { parseMarker } from "./whiteout.ts";

/**
 * How to treat whiteouts, the names that mark what a layer removes: apply them, or keep them as
 * files.
 */
export type MarkerRule = "apply" | "keep";

// MAXSYMLINKS of the kernel's path lookup, include/linux/namei.h.
const MAX_SYMLINKS = 40;

// OVL_MAX_STACK of fs/overlayfs/params.h; Docker has at most 127.
const MAX_LAYERS = 500;

/** What a name is, as bits. None is set for a name that does not exist, or no longer. */
const FOLDER = 1;
const SYMLINK = 2;
/** Neither a folder nor a symlink. */
const OTHER = 4;
/** Written when its layer is read again: a file, or an entry with several names. */
const IN_PLACE = 8;
/** Added by the current layer. */
const FRESH = 16;
const PRESENT = FOLDER | SYMLINK | OTHER;

/** The header of a folder that no entry made. */
const PACKED_FOLDER = packHeader(IMPLIED_FOLDER);

/** Bytes per name: bits, length of the path, entry, header and child lists. */
const NODE_BYTES = 1 + 2 + 4 + 4 + CHILD_LIST_BYTES;

/**
 * Built entry by entry, layer by layer. Memory grows with the number of names, up to a limit;
 * disposing frees it.
 */
export class LayerTree implements Disposable {
  readonly #markers: MarkerRule;
  readonly #names: NameTree;
  readonly #children: ChildLists;
  readonly #bits = new Column((items) => new Uint8Array(items));
  /**
   * Bytes of the path from the root, with slashes: symlinks may make it longer than any entry's
   * name.
   */
  readonly #pathBytes = new Column((items) => new Uint16Array(items));
  /**
   * Number of the entry, counted over all layers from 1: names of one entry are one file. 0 if no
   * entry made it.
   */
  readonly #entries = new Column((items) => new Uint32Array(items));
  /** Offsets of headers; 0 for names that are `IN_PLACE` and folders that no entry made. */
  readonly #headers = new Column((items) => new Uint32Array(items));
  readonly #arena = new ByteArena();
  readonly #budget: StepBudget;
  #entryCount = 0;
  #layerCount = 0;

  /** @param steps as of {@linkcode StepBudget} */
  constructor(markers: MarkerRule, limits?: Pick<TarLimits, "heldBytes">, steps?: number) {
    this.#budget = new StepBudget(steps);
    this.#names = new NameTree(NODE_BYTES, limits);
    this.#children = new ChildLists(this.#names);
    this.#markers = markers;
    this.#bits.set(ROOT, FOLDER);
  }

  /**
   * Starts the next layer: further entries belong to it.
   *
   * @throws {ArchiveError} if there are too many.
   */
  startLayer(): void {
    if (++this.#layerCount > MAX_LAYERS) {
      throw new ArchiveError(`cannot merge the layers: there must be at most ${MAX_LAYERS}`);
    }
    for (let id = 0; id < this.#names.size; id++) this.#bits.set(id, this.#bits.get(id) & ~FRESH);
  }

  /**
   * Adds the next entry of the layer.
   *
   * @returns the number of the entry, counted over all layers from 1
   * @throws {ArchiveError} if its name leads out of the root, a parent is not a folder, or the layers
   * remove or follow the same names too often.
   */
  add(header: TarHeader): number {
    const entry = ++this.#entryCount;
    this.#budget.addEntry();
    checkNumbers(header);
    const path = checkedPath(header.name);
    const marker = this.#markers === "apply" ? parseMarker(path) : undefined;
    if (marker !== undefined) this.#remove(marker.folder, marker.name);
    else if (path === "") this.#setRoot(header, entry);
    else this.#put(path, header, entry);
    return entry;
  }

  /**
   * Writes the names to a file: first those whose header is all that is needed to write them,
   * sorted, parents first; then all others by the number of their entry, those of one entry sorted.
   * The path of the root is "".
   */
  writeTo(names: MergedNames): void {
    const ids = new Uint32Array(this.#names.size);
    let count = 0;
    for (const id of this.#sorted()) {
      if ((this.#bits.get(id) & IN_PLACE) !== 0) ids[count++] = id;
      else names.addPlain(this.#names.pathBytes(id), this.#packedHeader(id));
    }
    const inPlace = ids.subarray(0, count);
    sortIds(inPlace, (a, b) => this.#entries.get(a) - this.#entries.get(b));
    for (const id of inPlace) names.addInPlace(this.#entries.get(id), this.#names.pathBytes(id));
  }

  [Symbol.dispose](): void {
    const columns = [this.#bits, this.#pathBytes, this.#entries, this.#headers];
    for (const held of [this.#names, this.#children, this.#arena, ...columns]) {
      held[Symbol.dispose]();
    }
  }

  /** All names that are there, parents first. Without recursion, as that takes long in deep trees. */
  *#sorted(): Generator<number> {
    yield ROOT;
    const open = [{ ids: this.#sortedChildren(ROOT), next: 0 }];
    for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
      const id = folder.ids[folder.next++];
      if (id === undefined) {
        open.pop();
        continue;
      }
      yield id;
      if (this.#isFolder(id)) open.push({ ids: this.#sortedChildren(id), next: 0 });
    }
  }

  #sortedChildren(id: number): Uint32Array {
    return this.#children.sorted(id, (child) => this.#isThere(child));
  }

  #put(path: string, header: TarHeader, entry: number): void {
    const { parent, name } = this.#place(path, header);
    if (header.type === "link") return this.#link(parent, name, header);
    const type = header.type === "directory" ? FOLDER : header.type === "symlink" ? SYMLINK : OTHER;
    const id = this.#node(parent, name, header);
    // A folder over a folder changes its mode and owner, and keeps its contents.
    if (type !== FOLDER) this.#empty(id);
    const inPlace = header.type === "file" ? IN_PLACE : 0;
    this.#bits.set(id, type | inPlace | FRESH);
    this.#entries.set(id, entry);
    this.#headers.set(id, header.type === "file" ? 0 : this.#keep(header));
  }

  #setRoot(header: TarHeader, entry: number): void {
    if (header.type !== "directory") throw refused(header, "the root is a folder");
    this.#entries.set(ROOT, entry);
    this.#headers.set(ROOT, this.#keep(header));
  }

  #link(parent: number, name: string, header: TarHeader): void {
    const target = this.#find(checkedPath(header.linkName));
    if (target === undefined || this.#isFolder(target)) {
      const fact = `there is no file ${JSON.stringify(header.linkName)} before it`;
      throw refused(header, `a hard link must name a file: ${fact}`);
    }
    const id = this.#node(parent, name, header);
    this.#empty(id);
    this.#bits.set(target, this.#bits.get(target) | IN_PLACE);
    this.#bits.set(id, this.#bits.get(target) | FRESH);
    this.#entries.set(id, this.#entries.get(target));
    this.#headers.set(id, this.#headers.get(target));
  }

  /** Adds a name to a folder, or finds it; returns its id. */
  #node(parent: number, name: string, header: TarHeader): number {
    const pathBytes = this.#checkedBytes(parent, name, header);
    const before = this.#names.size;
    const id = this.#names.add(parent, name);
    if (id >= before) this.#children.add(id);
    this.#pathBytes.set(id, pathBytes);
    return id;
  }

  /** Adds a folder that no entry describes, as containerd does. */
  #impliedFolder(parent: number, name: string, header: TarHeader): number {
    const id = this.#node(parent, name, header);
    this.#setImplied(id);
    return id;
  }

  #setImplied(id: number): void {
    this.#bits.set(id, FOLDER | FRESH);
    this.#entries.set(id, 0);
    this.#headers.set(id, 0);
  }

  /** Removes everything in a folder. */
  #empty(id: number): void {
    if (!this.#isFolder(id)) return;
    for (const child of this.#children.of(id)) {
      this.#budget.spend();
      this.#empty(child);
      this.#bits.set(child, 0);
    }
  }

  /** Removes what lower layers added to a folder: one name, or all. */
  #remove(path: string, name: string | undefined): void {
    const parent = this.#walk(path);
    if (parent === undefined || !this.#isFolder(parent)) return; // a whiteout may name anything
    const child = name === undefined ? undefined : this.#child(parent, name);
    if (child !== undefined) this.#prune(child);
    if (name !== undefined) return;
    for (const id of this.#children.of(parent)) {
      this.#budget.spend();
      if (this.#isThere(id)) this.#prune(id);
    }
  }

  /** Removes what lower layers added at a name and below it; returns whether nothing is left. */
  #prune(id: number): boolean {
    let isEmpty = true;
    if (this.#isFolder(id)) {
      for (const child of this.#children.of(id)) {
        this.#budget.spend();
        if (this.#isThere(child) && !this.#prune(child)) isEmpty = false;
      }
    }
    if ((this.#bits.get(id) & FRESH) !== 0) return false;
    if (isEmpty) this.#bits.set(id, 0);
    else this.#setImplied(id); // the folder of the lower layer is gone, and its mode with it
    return isEmpty;
  }

  /** The folder and name where an entry belongs; missing folders are made. */
  #place(path: string, header: TarHeader): { parent: number; name: string } {
    const slash = path.lastIndexOf("/");
    const parent = this.#walk(path.slice(0, Math.max(0, slash)), header);
    if (parent === undefined || !this.#isFolder(parent)) {
      throw refused(header, "its parents must be folders");
    }
    return { parent, name: path.slice(slash + 1) };
  }

  /**
   * Computes the length of a path.
   *
   * @throws {ArchiveError} if it exceeds the kernel's limit, which also limits the depth.
   */
  #checkedBytes(parent: number, name: string, header: TarHeader): number {
    const part = byteLength(name);
    const bytes = this.#pathBytes.get(parent) + 1 + part;
    if (part > MAX_PART_BYTES) throw refused(header, `a name has at most ${MAX_PART_BYTES} bytes`);
    if (bytes > MAX_PATH_BYTES + 1) {
      throw refused(header, `a path has at most ${MAX_PATH_BYTES} bytes where symlinks lead`);
    }
    return bytes;
  }

  #keep(header: TarHeader): number {
    const bytes = packHeader(header);
    this.#names.hold(ByteArena.sizeOf(bytes.length), header.name);
    return this.#arena.add(bytes);
  }

  #packedHeader(id: number): Uint8Array {
    const place = this.#headers.get(id);
    return place === 0 ? PACKED_FOLDER : this.#arena.get(place);
  }

  #isThere(id: number): boolean {
    return (this.#bits.get(id) & PRESENT) !== 0;
  }

  #isFolder(id: number): boolean {
    return (this.#bits.get(id) & FOLDER) !== 0;
  }

  #child(parent: number, name: string): number | undefined {
    const id = this.#names.find(parent, name);
    return id !== undefined && this.#isThere(id) ? id : undefined;
  }

  /** Finds a path; symlinks are followed except for the last part. */
  #find(path: string): number | undefined {
    if (path === "") return ROOT;
    const slash = path.lastIndexOf("/");
    const parent = this.#walk(path.slice(0, Math.max(0, slash)));
    return parent === undefined ? undefined : this.#child(parent, path.slice(slash + 1));
  }

  /**
   * Finds a path, following all symlinks within the root; undefined if it does not exist, leads
   * through a file, or loops. With `entry`, missing folders are made.
   */
  #walk(path: string, entry?: TarHeader): number | undefined {
    let way: number[] = [ROOT];
    const parts = path.split("/").reverse();
    let links = 0;
    while (parts.length > 0) {
      this.#budget.spend();
      const part = parts.pop()!;
      if (part === "" || part === ".") continue;
      if (part === "..") {
        if (way.length > 1) way.pop();
        continue;
      }
      const parent = way.at(-1)!;
      if (!this.#isFolder(parent)) return undefined;
      const node = this.#child(parent, part) ??
        (entry && this.#impliedFolder(parent, part, entry));
      if (node === undefined) return undefined;
      if ((this.#bits.get(node) & SYMLINK) === 0) {
        way.push(node);
        continue;
      }
      const target = unpackHeader(this.#packedHeader(node)).linkName;
      if (++links > MAX_SYMLINKS) return undefined;
      if (target.startsWith("/")) way = [ROOT];
      parts.push(...target.split("/").reverse());
    }
    return way.at(-1);
  }
}

function refused({ name }: TarHeader, rule: string): ArchiveError {
  return new ArchiveError(`cannot take in ${JSON.stringify(name)}: ${rule}`);
}
