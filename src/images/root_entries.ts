// The entries of a root as they pass: checked, with the folders that are missing, and what each name
// stands for in the end.

import { ArchiveError } from "../archive/archive_error.ts";
import { CHILD_LIST_BYTES, ChildLists } from "../archive/child_lists.ts";
import { Column } from "../archive/held_pages.ts";
import type { TarLimits } from "../archive/limits.ts";
import { NameTree, ROOT } from "../archive/name_tree.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import type { ManifestEntry } from "./manifest.ts";
import type { ManifestLines } from "./manifest_lines.ts";
import { checkedPath, IMPLIED_FOLDER } from "./root_path.ts";

/** The first second that 32 bits with a sign do not hold, in the year 2038. */
const FAR_TIME = 2 ** 31;

/** What a name is; 0 if it has not come. */
const FOLDER = 1;
const OTHER = 2;

/** Columns of kinds and places, and the lists that the manifest is sorted by. */
const NAME_BYTES = 1 + 8 + CHILD_LIST_BYTES;

/** Keeps the names of one root. Memory grows with their number, up to a bound. */
export class RootEntries {
  readonly #lines: ManifestLines;
  readonly #names: NameTree;
  readonly #children: ChildLists;
  readonly #kinds = new Column((items) => new Uint8Array(items));
  readonly #places = new Column((items) => new Float64Array(items));
  #pending: { readonly id: number; readonly entry: ManifestEntry } | undefined;
  #count = 0;
  #root: TarHeader = IMPLIED_FOLDER;

  /** @param lines takes what is known of each; its owner disposes it once the manifest is written */
  constructor(lines: ManifestLines, limits?: Pick<TarLimits, "heldBytes">) {
    this.#lines = lines;
    this.#names = new NameTree(NAME_BYTES, limits);
    this.#children = new ChildLists(this.#names);
  }

  /** How many names there are. */
  get size(): number {
    return this.#count;
  }

  /** Of the root itself: as it came, or what it is when nothing is said. */
  get root(): TarHeader {
    return this.#root;
  }

  /**
   * The entries to write for one that has come: folders that are missing above it, then itself under a
   * plain name; none for the root. Those that `finish` is to be called for are files.
   *
   * @throws {ArchiveError} if it leads out of the root, was there before, or links to what was not.
   */
  add(header: TarHeader): TarHeader[] {
    const path = checkedPath(header.name);
    if (path === "") return this.#addRoot(header);
    const { parents, parent } = this.#missingParents(path, header);
    const id = this.#node(parent, path.slice(path.lastIndexOf("/") + 1));
    if (this.#kinds.get(id) !== 0) {
      throw refused(header, "a name must come once: it came before");
    }
    if (header.type === "link") return [...parents, this.#link(id, path, header)];
    const entry = toEntry(path, header);
    if (header.type === "file") {
      this.#set(id, OTHER);
      this.#pending = { id, entry };
      return [...parents, { ...header, name: path }];
    }
    const isFolder = header.type === "directory";
    this.#note(id, isFolder ? FOLDER : OTHER, entry);
    return [...parents, { ...header, name: isFolder ? `${path}/` : path }];
  }

  /** Notes the content of the file that was added last. */
  finish(sha256: string): void {
    const { id, entry } = this.#pending!;
    this.#pending = undefined;
    this.#note(id, OTHER, { ...entry, sha256 });
  }

  /** All names, a line for each, sorted by path. */
  *manifest(): Generator<string> {
    if (this.#kinds.get(ROOT) === 0) this.#note(ROOT, FOLDER, toEntry("", IMPLIED_FOLDER));
    yield this.#lines.get(this.#places.get(ROOT));
    for (const id of this.#children.byPath(ROOT)) yield this.#lines.get(this.#places.get(id));
  }

  #addRoot(header: TarHeader): TarHeader[] {
    if (header.type !== "directory") throw refused(header, "the root is a folder");
    if (this.#kinds.get(ROOT) !== 0) {
      throw refused(header, "a name must come once: it came before");
    }
    this.#note(ROOT, FOLDER, toEntry("", header));
    this.#root = header;
    return [];
  }

  #link(id: number, path: string, header: TarHeader): TarHeader {
    const target = checkedPath(header.linkName);
    const found = this.#names.findPath(target);
    if (found === undefined || this.#kinds.get(found) !== OTHER) {
      throw refused(header, `a hard link must name a file that came before: ${header.linkName}`);
    }
    const entry: ManifestEntry = JSON.parse(this.#lines.get(this.#places.get(found)));
    this.#note(id, OTHER, { ...entry, path: `/${path}` });
    return { ...header, name: path, linkName: target };
  }

  #missingParents(path: string, header: TarHeader): { parents: TarHeader[]; parent: number } {
    const parents: TarHeader[] = [];
    let parent = ROOT;
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      const above = path.slice(0, slash);
      parent = this.#node(parent, above.slice(above.lastIndexOf("/") + 1));
      const kind = this.#kinds.get(parent);
      if (kind === OTHER) throw refused(header, "its parents must be folders");
      if (kind === FOLDER) continue;
      this.#note(parent, FOLDER, toEntry(above, IMPLIED_FOLDER));
      parents.push({ ...IMPLIED_FOLDER, name: `${above}/` });
    }
    return { parents, parent };
  }

  #node(parent: number, part: string): number {
    const before = this.#names.size;
    const id = this.#names.add(parent, part);
    if (id >= before) this.#children.add(id);
    return id;
  }

  #note(id: number, kind: number, entry: ManifestEntry): void {
    this.#set(id, kind);
    this.#places.set(id, this.#lines.put(JSON.stringify(entry)));
  }

  #set(id: number, kind: number): void {
    if (this.#kinds.get(id) === 0) this.#count++;
    this.#kinds.set(id, kind);
  }
}

function toEntry(path: string, header: TarHeader): ManifestEntry {
  const { type, mode, uid, gid, size, mtime, linkName, major, minor } = header;
  return {
    path: `/${path}`,
    kind: type as ManifestEntry["kind"], // a link is never put here
    mode,
    uid,
    gid,
    ...(type === "file" && { size }),
    ...((mtime < 0 || mtime >= FAR_TIME) && { mtime }),
    ...(type === "symlink" && { linkTarget: linkName }),
    ...((type === "char" || type === "block") && { major, minor }),
  };
}

function refused({ name }: TarHeader, rule: string): ArchiveError {
  return new ArchiveError(`Cannot take in ${JSON.stringify(name)} as ${rule}`);
}
