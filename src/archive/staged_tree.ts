/** Writes tar entries into a fresh directory that nobody else can reach. */
import { linkSync, lutimesSync } from "node:fs";
import { ArchiveError } from "./archive_error.ts";
import { checkSymlink, entryPath, parentPath } from "./entry_path.ts";
import { Column } from "./held_pages.ts";
import type { TarLimits } from "./limits.ts";
import { NameTree, ROOT } from "./name_tree.ts";
import { writeContent } from "./write_content.ts";
import type { TarEntry } from "./read_tar.ts";
import type { TarHeader } from "./tar_format.ts";

/** The mode and mtime (seconds) of a directory, which are set once nothing is written into it. */
export interface DirectoryStamp {
  readonly mode: number;
  readonly mtime: number;
}

/** Columns of kind, mode and mtime. */
const COLUMN_BYTES = 1 + 2 + 8;

/** What a name is; 0 is none of these. */
const FILE = 1;
const FOLDER = 2;
const STAMPED_FOLDER = 3;

/** How a tree is kept. */
export interface StagedTreeOptions {
  readonly limits?: TarLimits | undefined;
  /** Whether the names of files are kept too, for `names`. @default false */
  readonly keepsFiles?: boolean;
}

/**
 * A tree below `root` that grows by one entry at a time, and holds nothing that leads out of it.
 *
 * `root` must be an empty directory that is this process's own: what was seen to be a directory is
 * not looked at again, and no directory is ever replaced.
 */
export class StagedTree {
  /** Whether `names` has those of files. */
  readonly keepsFiles: boolean;
  readonly #root: string;
  readonly #names: NameTree;
  readonly #kinds = new Column((items) => new Uint8Array(items));
  readonly #modes = new Column((items) => new Uint16Array(items));
  readonly #mtimes = new Column((items) => new Float64Array(items));
  /** Entries of one folder mostly come one after another. */
  #lastFolder = { path: "", id: ROOT };

  constructor(root: string, { limits, keepsFiles = false }: StagedTreeOptions = {}) {
    this.#root = root;
    this.#names = new NameTree(COLUMN_BYTES, limits);
    this.#kinds.set(ROOT, FOLDER);
    this.keepsFiles = keepsFiles;
  }

  /** Below it are all names by number, each folder before what is in it; 0 is the folder itself. */
  get size(): number {
    return this.#names.size;
  }

  /** The path of a name. */
  path(id: number): string {
    return this.#names.path(id);
  }

  /** The number of the folder that a name is in. */
  parent(id: number): number {
    return this.#names.parent(id);
  }

  /** Whether a name is a folder. */
  isFolder(id: number): boolean {
    return this.#kinds.get(id) >= FOLDER;
  }

  /** What the archive says of a folder, if it names it. */
  stamp(id: number): DirectoryStamp | undefined {
    if (this.#kinds.get(id) !== STAMPED_FOLDER) return undefined;
    return { mode: this.#modes.get(id), mtime: this.#mtimes.get(id) };
  }

  /**
   * Writes one entry. An entry of the same name as an earlier one replaces it.
   *
   * @throws {ArchiveError} if the entry could lead out of the tree, or is a device or a fifo
   */
  async add(entry: TarEntry): Promise<void> {
    try {
      await this.#add(entry);
    } catch (cause) {
      const rule = RULES.get(cause instanceof Error && "code" in cause ? String(cause.code) : "");
      throw rule === undefined ? cause : refused(entry.header, rule, { cause });
    }
  }

  async #add(entry: TarEntry): Promise<void> {
    const { header } = entry;
    requireUtf8(header);
    const path = entryPath(header.name);
    if (header.type !== "directory" && path === "") {
      throw refused(header, "the folder itself must be a directory");
    }
    const parent = this.#makeDirectories(parentPath(path), header);
    if (header.type === "directory") {
      return this.#stamp(this.#makeDirectories(path, header), header);
    }
    if (this.keepsFiles) {
      this.#kinds.set(this.#names.add(parent, path.slice(path.lastIndexOf("/") + 1)), FILE);
    }
    switch (header.type) {
      case "file":
        this.#makeRoom(path, header);
        return await writeContent(this.#at(path), entry);
      case "symlink":
        return this.#addSymlink(path, header);
      case "link":
        return this.#addLink(path, header);
      default:
        throw refused(header, `a ${header.type} node must not be made from an archive`);
    }
  }

  #addSymlink(path: string, header: TarHeader): void {
    checkSymlink(path, header.linkName);
    this.#makeRoom(path, header);
    Deno.symlinkSync(header.linkName, this.#at(path));
    lutimesSync(this.#at(path), header.mtime, header.mtime);
  }

  #addLink(path: string, header: TarHeader): void {
    const target = entryPath(header.linkName, "unpack a link to");
    // Looked at before the link is made: link(2) would follow symlinks among the parents.
    const isInside = this.#isReal(parentPath(target));
    if (!isInside || !look(this.#at(target))?.isFile) {
      throw refused(header, `a link must name a file in the same archive, not ${header.linkName}`);
    }
    if (target === path) return;
    this.#makeRoom(path, header);
    linkSync(this.#at(target), this.#at(path));
  }

  #stamp(id: number, { mode, mtime }: TarHeader): void {
    this.#kinds.set(id, STAMPED_FOLDER);
    this.#modes.set(id, mode & 0o777);
    this.#mtimes.set(id, mtime);
  }

  /** Makes `path` and its parents, unless something else is in the way. */
  #makeDirectories(path: string, header: TarHeader): number {
    if (path === "") return ROOT;
    if (this.#lastFolder.path === path) return this.#lastFolder.id;
    const parent = this.#makeDirectories(parentPath(path), header);
    const id = this.#isFolderIn(parent, path) ?? this.#makeDirectory(parent, path, header);
    this.#lastFolder = { path, id };
    return id;
  }

  #makeDirectory(parent: number, path: string, header: TarHeader): number {
    const stat = look(this.#at(path));
    if (stat === undefined) {
      Deno.mkdirSync(this.#at(path));
    } else if (!stat.isDirectory) {
      throw refused(header, `its parents must be directories, and ${path} is none`);
    }
    const id = this.#names.add(parent, path.slice(path.lastIndexOf("/") + 1));
    this.#kinds.set(id, FOLDER);
    return id;
  }

  #isFolderIn(parent: number, path: string): number | undefined {
    const id = this.#names.find(parent, path.slice(path.lastIndexOf("/") + 1));
    return id !== undefined && this.isFolder(id) ? id : undefined;
  }

  /** Whether `path` is a directory without a symlink on the way. */
  #isReal(path: string): boolean {
    const id = this.#names.findPath(path);
    return id !== undefined && this.isFolder(id);
  }

  /** Removes an earlier entry of the same name, so that nothing is written through it. */
  #makeRoom(path: string, header: TarHeader): void {
    const stat = look(this.#at(path));
    if (stat === undefined) return;
    if (stat.isDirectory) throw refused(header, "it must not replace a directory");
    Deno.removeSync(this.#at(path));
  }

  #at(path: string): string {
    return path === "" ? this.#root : `${this.#root}/${path}`;
  }
}

/** What is at `path` itself, symlinks not followed, if anything is. */
export function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** This runtime gives the kernel no other names: it would be another file. */
function requireUtf8(header: TarHeader): void {
  if (header.name.isWellFormed() && header.linkName.isWellFormed()) return;
  throw refused(header, "its name and what it links to must be UTF-8");
}

/** What a disk refuses because of what the archive says. */
const RULES: ReadonlyMap<string, string> = new Map([
  ["ENAMETOOLONG", "its path must not be too long where it is unpacked"],
  ["EFBIG", "its size must be one that the file system takes"],
]);

function refused(header: TarHeader, rule: string, options?: ErrorOptions): ArchiveError {
  return new ArchiveError(
    `Cannot unpack ${JSON.stringify(header.name)} as archives are not trusted: ${rule}`,
    options,
  );
}
