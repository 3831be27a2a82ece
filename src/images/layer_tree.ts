// The root that layers make, laid over one another: names, and which entry of which layer each is.
//
// The rules are those of the OCI image spec, layer.md, "Applying Changesets"; where it is silent, those
// of containerd: parents that are symlinks are followed, without leaving the root.

import { ArchiveError } from "../archive/archive_error.ts";
import { CHILD_LIST_BYTES, ChildLists } from "../archive/child_lists.ts";
import { ByteArena, Column } from "../archive/held_pages.ts";
import { MAX_PART_BYTES, MAX_PATH_BYTES, type TarLimits } from "../archive/limits.ts";
import { NameTree, ROOT } from "../archive/name_tree.ts";
import { sortIds } from "../archive/sort_ids.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import { packHeader, unpackHeader } from "./packed_header.ts";
import { byteLength, checkedPath, checkNumbers, IMPLIED_FOLDER } from "./root_path.ts";
import { parseMarker } from "./whiteout.ts";

/** How names that mark what a layer removes are taken. */
export type MarkerRule = "apply" | "keep";

// MAXSYMLINKS of the kernel's path lookup, include/linux/namei.h.
const MAX_SYMLINKS = 40;

/** What a name is, as bits. None is set of what is not there, or not any more. */
const FOLDER = 1;
const SYMLINK = 2;
/** Neither of them. */
const OTHER = 4;
/** Written where its entry comes by again: a file, or what has several names. */
const IN_PLACE = 8;
/** Put here by the layer that is being taken in. */
const FRESH = 16;
const PRESENT = FOLDER | SYMLINK | OTHER;

/** Columns of bits, length of the path, entry and header. */
const NODE_BYTES = 1 + 2 + 4 + 4 + CHILD_LIST_BYTES;

/** Grows entry by entry, layer by layer. Memory grows with the number of names, up to a bound. */
export class LayerTree {
  readonly #markers: MarkerRule;
  readonly #names: NameTree;
  #children: ChildLists;
  readonly #bits = new Column((items) => new Uint8Array(items));
  /** Bytes of the path from the root, slashes counted: symlinks may make it longer than any name. */
  #pathBytes = new Column((items) => new Uint16Array(items));
  /** Counted over all layers from 1: names of one entry are one file. 0 if no entry has made it. */
  readonly #entries = new Column((items) => new Uint32Array(items));
  /** Places of headers; 0 for those of `IN_PLACE` and of folders that no entry has made. */
  #headers = new Column((items) => new Uint32Array(items));
  #arena = new ByteArena();
  #entryCount = 0;

  constructor(markers: MarkerRule, limits?: Pick<TarLimits, "heldBytes">) {
    this.#names = new NameTree(NODE_BYTES, limits);
    this.#children = new ChildLists(this.#names);
    this.#markers = markers;
    this.#bits.set(ROOT, FOLDER);
  }

  /** What comes from here on is of the next layer. */
  startLayer(): void {
    for (let id = 0; id < this.#names.size; id++) this.#bits.set(id, this.#bits.get(id) & ~FRESH);
  }

  /**
   * Takes in the next entry of the layer.
   *
   * @returns how many there were over all layers, it counted
   * @throws {ArchiveError} if its name leads out of the root, or it cannot be where it should be.
   */
  add(header: TarHeader): number {
    const entry = ++this.#entryCount;
    checkNumbers(header);
    const path = checkedPath(header.name);
    const marker = this.#markers === "apply" ? parseMarker(path) : undefined;
    if (marker !== undefined) this.#remove(marker.folder, marker.name);
    else if (path === "") this.#setRoot(header, entry);
    else this.#put(path, header, entry);
    return entry;
  }

  /** Names that are written from what is known here, folders before what is in them, sorted; "" is the root. */
  *plain(): Generator<[path: string, header: TarHeader]> {
    for (const [path, id] of this.#sorted(ROOT, "")) {
      if ((this.#bits.get(id) & IN_PLACE) === 0) yield [path, this.#header(id)];
    }
  }

  /**
   * All others by the entries that they are of, and those of one entry sorted. It comes last, as it gives up
   * all that is not needed for it.
   */
  inPlace(): Iterable<[entry: number, names: string[]]> {
    const ids = new Uint32Array(this.#names.size);
    let count = 0;
    for (const [, id] of this.#sorted(ROOT, "")) {
      if ((this.#bits.get(id) & IN_PLACE) !== 0) ids[count++] = id;
    }
    const found = ids.subarray(0, count);
    sortIds(found, (a, b) => this.#entries.get(a) - this.#entries.get(b));
    this.#children = new ChildLists(this.#names);
    this.#headers = this.#pathBytes = this.#bits;
    this.#arena = new ByteArena();
    this.#names.freeze();
    return this.#byEntry(found);
  }

  *#byEntry(ids: Uint32Array): Generator<[number, string[]]> {
    for (let at = 0; at < ids.length;) {
      const entry = this.#entries.get(ids[at]!);
      const names: string[] = [];
      for (; at < ids.length && this.#entries.get(ids[at]!) === entry; at++) {
        names.push(this.#names.path(ids[at]!));
      }
      yield [entry, names];
    }
  }

  *#sorted(id: number, path: string): Generator<[path: string, id: number]> {
    yield [path, id];
    for (const child of this.#children.sorted(id, (child) => this.#isThere(child))) {
      const part = this.#names.part(child);
      yield* this.#sorted(child, path === "" ? part : `${path}/${part}`);
    }
  }

  #put(path: string, header: TarHeader, entry: number): void {
    const { parent, name } = this.#place(path, header);
    if (header.type === "link") return this.#link(parent, name, header);
    const type = header.type === "directory" ? FOLDER : header.type === "symlink" ? SYMLINK : OTHER;
    const id = this.#node(parent, name, header);
    // A folder over a folder changes its mode and owner, and keeps what is in it.
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

  /** The number of a name that is put into a folder. */
  #node(parent: number, name: string, header: TarHeader): number {
    const pathBytes = this.#checkedBytes(parent, name, header);
    const before = this.#names.size;
    const id = this.#names.add(parent, name);
    if (id >= before) this.#children.add(id);
    this.#pathBytes.set(id, pathBytes);
    return id;
  }

  /** A folder that no entry has made, as containerd would make it. */
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

  /** Takes all that is in a folder away with it. */
  #empty(id: number): void {
    if (!this.#isFolder(id)) return;
    for (const child of this.#children.of(id)) {
      this.#empty(child);
      this.#bits.set(child, 0);
    }
  }

  /** Removes what lower layers have put in a folder: one name, or all. */
  #remove(path: string, name: string | undefined): void {
    const parent = this.#walk(path);
    if (parent === undefined || !this.#isFolder(parent)) return; // it may name what is not there
    const child = name === undefined ? undefined : this.#child(parent, name);
    if (child !== undefined) this.#prune(child);
    if (name !== undefined) return;
    for (const id of this.#children.of(parent)) if (this.#isThere(id)) this.#prune(id);
  }

  /** Removes what lower layers have put at a name and below it; whether nothing is left. */
  #prune(id: number): boolean {
    let isEmpty = true;
    if (this.#isFolder(id)) {
      for (const child of this.#children.of(id)) {
        if (this.#isThere(child) && !this.#prune(child)) isEmpty = false;
      }
    }
    if ((this.#bits.get(id) & FRESH) !== 0) return false;
    if (isEmpty) this.#bits.set(id, 0);
    else this.#setImplied(id); // the one that was there is gone with its mode
    return isEmpty;
  }

  /** The folder and name where an entry belongs; folders that are missing are made. */
  #place(path: string, header: TarHeader): { parent: number; name: string } {
    const slash = path.lastIndexOf("/");
    const parent = this.#walk(path.slice(0, Math.max(0, slash)), header);
    if (parent === undefined || !this.#isFolder(parent)) {
      throw refused(header, "its parents must be folders");
    }
    return { parent, name: path.slice(slash + 1) };
  }

  /** @throws {ArchiveError} if no kernel would take the path: so nothing is deeper than it can be, too. */
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

  #header(id: number): TarHeader {
    const place = this.#headers.get(id);
    return place === 0 ? IMPLIED_FOLDER : unpackHeader(this.#arena.get(place));
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

  /** What stands at a path; symlinks are followed but for the last part. */
  #find(path: string): number | undefined {
    if (path === "") return ROOT;
    const slash = path.lastIndexOf("/");
    const parent = this.#walk(path.slice(0, Math.max(0, slash)));
    return parent === undefined ? undefined : this.#child(parent, path.slice(slash + 1));
  }

  /**
   * What stands at a path, all symlinks followed within the root; undefined if there is nothing, it
   * leads through a file, or round in circles. Folders that are missing are made for an entry.
   */
  #walk(path: string, entry?: TarHeader): number | undefined {
    let way: number[] = [ROOT];
    const parts = path.split("/").reverse();
    let links = 0;
    while (parts.length > 0) {
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
      const target = this.#header(node).linkName;
      if (++links > MAX_SYMLINKS) return undefined;
      if (target.startsWith("/")) way = [ROOT];
      parts.push(...target.split("/").reverse());
    }
    return way.at(-1);
  }
}

function refused({ name }: TarHeader, rule: string): ArchiveError {
  return new ArchiveError(`Cannot take in ${JSON.stringify(name)} as ${rule}`);
}
