// The entries of a root as they pass: checked, with the folders that are missing, and what each name
// stands for in the end.

import { ArchiveError } from "../archive/archive_error.ts";
import { parentPath } from "../archive/entry_path.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import type { ManifestEntry } from "./manifest.ts";
import { checkedPath, IMPLIED_FOLDER } from "./root_path.ts";

/** Keeps the names of one root. Memory grows with their number. */
export class RootEntries {
  readonly #found = new Map<string, ManifestEntry>();
  #root: TarHeader = IMPLIED_FOLDER;

  /** How many names there are. */
  get size(): number {
    return this.#found.size;
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
    if (this.#found.has(path)) throw refused(header, "a name must come once: it came before");
    const parents = this.#missingParents(path, header);
    if (header.type !== "link") {
      this.#found.set(path, toEntry(path, header));
      return [...parents, { ...header, name: header.type === "directory" ? `${path}/` : path }];
    }
    const target = checkedPath(header.linkName);
    const found = this.#found.get(target);
    if (found === undefined || found.kind === "directory") {
      throw refused(header, `a hard link must name a file that came before: ${header.linkName}`);
    }
    this.#found.set(path, { ...found, path: `/${path}` });
    return [...parents, { ...header, name: path, linkName: target }];
  }

  /** Notes the content of the file that was added last. */
  finish({ name }: TarHeader, sha256: string): void {
    const path = checkedPath(name);
    this.#found.set(path, { ...this.#found.get(path)!, sha256 });
  }

  /** All names, sorted by path. */
  manifest(): ManifestEntry[] {
    if (!this.#found.has("")) this.#found.set("", toEntry("", IMPLIED_FOLDER));
    return [...this.#found.values()].sort((a, b) => a.path < b.path ? -1 : 1);
  }

  #addRoot(header: TarHeader): TarHeader[] {
    if (header.type !== "directory") throw refused(header, "the root is a folder");
    if (this.#found.has("")) throw refused(header, "a name must come once: it came before");
    this.#found.set("", toEntry("", header));
    this.#root = header;
    return [];
  }

  #missingParents(path: string, header: TarHeader): TarHeader[] {
    const parent = parentPath(path);
    if (parent === "") return [];
    const present = this.#found.get(parent);
    if (present?.kind === "directory") return [];
    if (present !== undefined) throw refused(header, "its parents must be folders");
    const above = this.#missingParents(parent, header);
    this.#found.set(parent, toEntry(parent, IMPLIED_FOLDER));
    return [...above, { ...IMPLIED_FOLDER, name: `${parent}/` }];
  }
}

function toEntry(path: string, header: TarHeader): ManifestEntry {
  const { type, mode, uid, gid, size, linkName, major, minor } = header;
  return {
    path: `/${path}`,
    kind: type as ManifestEntry["kind"], // a link is never put here
    mode,
    uid,
    gid,
    ...(type === "file" && { size }),
    ...(type === "symlink" && { linkTarget: linkName }),
    ...((type === "char" || type === "block") && { major, minor }),
  };
}

function refused({ name }: TarHeader, rule: string): ArchiveError {
  return new ArchiveError(`Cannot take in ${JSON.stringify(name)} as ${rule}`);
}
