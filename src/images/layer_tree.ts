// The root that layers make, laid over one another: names, and which entry of which layer each is.
//
// The rules are those of the OCI image spec, layer.md, "Applying Changesets"; where it is silent, those
// of containerd: parents that are symlinks are followed, without leaving the root.

import { ArchiveError } from "../archive/archive_error.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import { checkedPath, IMPLIED_FOLDER } from "./root_path.ts";
import { parseMarker } from "./whiteout.ts";

/** One file, folder or the like; several names may stand for it. */
export interface Inode {
  /** `name` and `linkName` as they stand in the layer. */
  readonly header: TarHeader;
  /** Counts layers from the lowest, 0. */
  readonly layer: number;
  /** Counts the entries of the layer from 0; -1 if none has made it. */
  readonly entry: number;
}

/** A name in the tree. */
interface Node {
  inode: Inode;
  /** The layer that has put it here. */
  layer: number;
  /** Of a folder alone. */
  children: Map<string, Node> | undefined;
}

/** How names that mark what a layer removes are taken. */
export type MarkerRule = "apply" | "keep";

// MAXSYMLINKS of the kernel's path lookup, include/linux/namei.h.
const MAX_SYMLINKS = 40;

/** Grows entry by entry, layer by layer. Memory grows with the number of names. */
export class LayerTree {
  readonly #markers: MarkerRule;
  readonly #root: Node = folder("", 0);
  #layer = -1;
  #entries = 0;

  constructor(markers: MarkerRule) {
    this.#markers = markers;
  }

  /** What comes from here on is of the next layer. */
  startLayer(): void {
    this.#layer++;
    this.#entries = 0;
  }

  /**
   * Takes in the next entry of the layer.
   *
   * @throws {ArchiveError} if its name leads out of the root, or it cannot be where it should be.
   */
  add(header: TarHeader): void {
    const entry = this.#entries++;
    const path = checkedPath(header.name);
    const marker = this.#markers === "apply" ? parseMarker(path) : undefined;
    if (marker !== undefined) return this.#remove(marker.folder, marker.name);
    if (path === "") return this.#setRoot(header, entry);
    const { parent, name } = this.#place(path, header);
    if (header.type === "link") return this.#link(parent, name, header);
    const inode = { header, layer: this.#layer, entry };
    const present = parent.children!.get(name);
    // A folder over a folder changes its mode and owner, and keeps what is in it.
    const children = header.type === "directory" ? present?.children ?? new Map() : undefined;
    parent.children!.set(name, { inode, layer: this.#layer, children });
  }

  /** All names with what they stand for, folders before what is in them, sorted; "" is the root. */
  *names(): Generator<[path: string, inode: Inode]> {
    yield* namesIn(this.#root, "");
  }

  #setRoot(header: TarHeader, entry: number): void {
    if (header.type !== "directory") throw refused(header, "the root is a folder");
    this.#root.inode = { header, layer: this.#layer, entry };
  }

  #link(parent: Node, name: string, header: TarHeader): void {
    const target = this.#find(checkedPath(header.linkName));
    if (target === undefined || target.children !== undefined) {
      const fact = `there is no file ${JSON.stringify(header.linkName)} before it`;
      throw refused(header, `a hard link must name a file: ${fact}`);
    }
    parent.children!.set(name, { inode: target.inode, layer: this.#layer, children: undefined });
  }

  /** Removes what lower layers have put in a folder: one name, or all. */
  #remove(path: string, name: string | undefined): void {
    const parent = this.#walk(path);
    if (parent?.children === undefined) return; // it may name what is not there
    for (const [child, node] of parent.children) {
      if (name !== undefined && name !== child) continue;
      if (this.#prune(node, child)) parent.children.delete(child);
    }
  }

  /** Whether nothing of `node` is left once all of lower layers is removed from it. */
  #prune(node: Node, name: string): boolean {
    for (const [child, below] of node.children ?? []) {
      if (this.#prune(below, child)) node.children!.delete(child);
    }
    if (node.layer === this.#layer) return false;
    if (node.children === undefined || node.children.size === 0) return true;
    node.inode = folder(name, this.#layer).inode; // the one that was there is gone with its mode
    return false;
  }

  /** The folder and name where an entry belongs; folders that are missing are made. */
  #place(path: string, header: TarHeader): { parent: Node; name: string } {
    const slash = path.lastIndexOf("/");
    const parent = this.#walk(
      path.slice(0, Math.max(0, slash)),
      (name) => folder(name, this.#layer),
    );
    if (parent?.children === undefined) throw refused(header, "its parents must be folders");
    return { parent, name: path.slice(slash + 1) };
  }

  /** What stands at a path; symlinks are followed but for the last part. */
  #find(path: string): Node | undefined {
    if (path === "") return this.#root;
    const slash = path.lastIndexOf("/");
    return this.#walk(path.slice(0, Math.max(0, slash)))?.children?.get(path.slice(slash + 1));
  }

  /**
   * What stands at a path, all symlinks followed within the root; undefined if there is nothing, it
   * leads through a file, or round in circles.
   */
  #walk(path: string, make?: (name: string) => Node): Node | undefined {
    let way: Node[] = [this.#root];
    const parts = path.split("/").reverse();
    let links = 0;
    while (parts.length > 0) {
      const part = parts.pop()!;
      if (part === "" || part === ".") continue;
      if (part === "..") {
        if (way.length > 1) way.pop();
        continue;
      }
      const { children } = way.at(-1)!;
      const node = children?.get(part) ?? (children && make?.(part));
      if (children === undefined || node === undefined) return undefined;
      if (node.inode.header.type === "symlink") {
        const target = node.inode.header.linkName;
        if (++links > MAX_SYMLINKS) return undefined;
        if (target.startsWith("/")) way = [this.#root];
        parts.push(...target.split("/").reverse());
        continue;
      }
      children.set(part, node);
      way.push(node);
    }
    return way.at(-1);
  }
}

function* namesIn(node: Node, path: string): Generator<[string, Inode]> {
  yield [path, node.inode];
  // By code units, as everywhere here: the same on all machines.
  for (const name of [...node.children?.keys() ?? []].sort()) {
    yield* namesIn(node.children!.get(name)!, path === "" ? name : `${path}/${name}`);
  }
}

/** A folder that no entry has made, as containerd would make it. */
function folder(name: string, layer: number): Node {
  const header = { ...IMPLIED_FOLDER, name };
  return { inode: { header, layer, entry: -1 }, layer, children: new Map() };
}

function refused({ name }: TarHeader, rule: string): ArchiveError {
  return new ArchiveError(`Cannot take in ${JSON.stringify(name)} as ${rule}`);
}
