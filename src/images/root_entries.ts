// Checks the entries of a root one by one, adds missing folders, and records each for the manifest.

import { ArchiveError } from "../archive/archive_error.ts";
import { CHILD_LIST_BYTES, ChildLists } from "../archive/child_lists.ts";
import { Column } from "../archive/held_pages.ts";
import type { TarLimits } from "../archive/limits.ts";
import { NameTree, ROOT } from "../archive/name_tree.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import type { ManifestEntry } from "./manifest.ts";
import type { RecordFile } from "./record_file.ts";
import { checkedPath, IMPLIED_FOLDER } from "./root_path.ts";

/** The first second that a signed 32-bit time cannot hold, in 2038. */
const FAR_TIME = 2 ** 31;

const decoder = new TextDecoder();

/** What a name is; 0 if no entry has come for it. */
const FOLDER = 1;
const OTHER = 2;

/** Bytes per name: kind, place, and the lists by which the manifest is sorted. */
const NAME_BYTES = 1 + 8 + CHILD_LIST_BYTES;

/** The names of one root. Memory grows with their number, up to a limit; disposing frees it. */
export class RootEntries implements Disposable {
  readonly #lines: RecordFile;
  readonly #names: NameTree;
  readonly #children: ChildLists;
  readonly #kinds = new Column((items) => new Uint8Array(items));
  readonly #places = new Column((items) => new Float64Array(items));
  #pending: { readonly id: number; readonly entry: ManifestEntry } | undefined;
  #count = 0;
  #root: TarHeader = IMPLIED_FOLDER;

  /**
   * @param lines stores the manifest's lines; stays the caller's to dispose, after the manifest is
   * written
   */
  constructor(lines: RecordFile, limits?: Pick<TarLimits, "heldBytes">) {
    this.#lines = lines;
    this.#names = new NameTree(NAME_BYTES, limits);
    this.#children = new ChildLists(this.#names);
  }

  /** The number of names. */
  get size(): number {
    return this.#count;
  }

  /** The header of the root folder: its entry, or a default. */
  get root(): TarHeader {
    return this.#root;
  }

  /**
   * Adds an entry. Returns the entries to write for it: missing parent folders, then itself under a
   * normalized name; none for the root. After a file, {@linkcode finish} must be called.
   *
   * @throws {ArchiveError} if its name leads out of the root or came before, or it links to a name
   * that did not.
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
      return [...parents, header.name === path ? header : { ...header, name: path }];
    }
    const isFolder = header.type === "directory";
    this.#note(id, isFolder ? FOLDER : OTHER, entry);
    return [...parents, { ...header, name: isFolder ? `${path}/` : path }];
  }

  /** Records the content of the file that was added last. */
  finish(sha256: string): void {
    const { id, entry } = this.#pending!;
    this.#pending = undefined;
    this.#note(id, OTHER, { ...entry, sha256 });
  }

  /**
   * The lines of the manifest, one for each name, sorted by path; each is valid until the next.
   * Nothing can be added any more.
   */
  *manifest(): Generator<Uint8Array> {
    if (this.#kinds.get(ROOT) === 0) this.#note(ROOT, FOLDER, toEntry("", IMPLIED_FOLDER));
    this.#names.freeze();
    yield this.#line(ROOT);
    for (const id of this.#children.byPath(ROOT)) yield this.#line(id);
  }

  [Symbol.dispose](): void {
    for (const held of [this.#names, this.#children, this.#kinds, this.#places]) {
      held[Symbol.dispose]();
    }
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
    const entry: ManifestEntry = JSON.parse(decoder.decode(this.#line(found)));
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
    this.#places.set(id, this.#lines.putText(JSON.stringify(entry)));
  }

  #line(id: number): Uint8Array {
    return this.#lines.get(this.#places.get(id));
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
    kind: type as ManifestEntry["kind"], // never a link
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
  return new ArchiveError(`cannot take in ${JSON.stringify(name)}: ${rule}`);
}
