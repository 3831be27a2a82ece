/** Writes tar entries into a new directory that no other user can access. */
import { linkSync, lutimesSync } from "node:fs";
import { ArchiveError } from "./archive_error.ts";
import type { DiskBudget } from "./disk_budget.ts";
import { checkSymlink, entryPath, parentPath } from "./entry_path.ts";
import { Column } from "./held_pages.ts";
import type { TarLimits } from "./limits.ts";
import { NameTree, ROOT } from "./name_tree.ts";
import { writeContent } from "./write_content.ts";
import type { TarEntry } from "./read_tar.ts";
import type { TarHeader } from "./tar_format.ts";

/** The mode and mtime (seconds) of a directory, which are set once its content is complete. */
export interface DirectoryStamp {
  readonly mode: number;
  readonly mtime: number;
}

/** Memory for each name: kind, mode and mtime. */
const COLUMN_BYTES = 1 + 2 + 8;

/** The kinds of names; 0 is unset. */
const FILE = 1;
const FOLDER = 2;
const STAMPED_FOLDER = 3;

/** Options of {@linkcode StagedTree}. */
export interface StagedTreeOptions {
  readonly limits?: TarLimits | undefined;
  /** Whether the names of files are kept too, not only those of folders. @default false */
  readonly keepsFiles?: boolean;
  /** The disk space that entries may take. */
  readonly budget?: DiskBudget | undefined;
}

/**
 * A tree below `root` that is written entry by entry and never contains anything that leads out of
 * it.
 *
 * `root` must be an empty directory that only this process changes: a path that was seen to be a
 * directory is not checked again, and directories are never replaced.
 */
export class StagedTree {
  /** Whether the names of files are kept too. */
  readonly keepsFiles: boolean;
  readonly #root: string;
  readonly #budget: DiskBudget | undefined;
  readonly #names: NameTree;
  readonly #kinds = new Column((items) => new Uint8Array(items));
  readonly #modes = new Column((items) => new Uint16Array(items));
  readonly #mtimes = new Column((items) => new Float64Array(items));
  /** A cache: entries of one folder mostly follow one another. */
  #lastFolder = { path: "", id: ROOT };

  constructor(root: string, { limits, keepsFiles = false, budget }: StagedTreeOptions = {}) {
    this.#root = root;
    this.#budget = budget;
    this.#names = new NameTree(COLUMN_BYTES, limits);
    this.#kinds.set(ROOT, FOLDER);
    this.keepsFiles = keepsFiles;
  }

  /** The upper bound of all ids. Folders have smaller ids than their children; 0 is the root. */
  get size(): number {
    return this.#names.size;
  }

  /** Returns the path of a name. */
  path(id: number): string {
    return this.#names.path(id);
  }

  /** Returns the id of the folder that a name is in. */
  parent(id: number): number {
    return this.#names.parent(id);
  }

  /** Whether a name is a folder. */
  isFolder(id: number): boolean {
    return this.#kinds.get(id) >= FOLDER;
  }

  /** Returns the mode and mtime of a folder; undefined if the archive has no entry for it. */
  stamp(id: number): DirectoryStamp | undefined {
    if (this.#kinds.get(id) !== STAMPED_FOLDER) return undefined;
    return { mode: this.#modes.get(id), mtime: this.#mtimes.get(id) };
  }

  /**
   * Writes one entry. It replaces an earlier one of the same name.
   *
   * @throws {ArchiveError} if the entry could lead out of the tree, or is a device or a fifo
   * @throws {Error} if it exceeds the budget
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
    this.#budget?.begin();
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
        return await writeContent(this.#at(path), entry, this.#budget);
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
    // Checked before the link is made: link(2) would follow symlinks among the parents.
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

  /** Makes `path` and its parents. @throws {ArchiveError} if one of them is not a directory */
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
      throw refused(header, `its parents must be directories, and ${path} is not one`);
    }
    const id = this.#names.add(parent, path.slice(path.lastIndexOf("/") + 1));
    this.#kinds.set(id, FOLDER);
    return id;
  }

  #isFolderIn(parent: number, path: string): number | undefined {
    const id = this.#names.find(parent, path.slice(path.lastIndexOf("/") + 1));
    return id !== undefined && this.isFolder(id) ? id : undefined;
  }

  /** Whether `path` is a directory that no symlink leads through. */
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

/** Returns the status of `path`, not following a symlink; undefined if it does not exist. */
export function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Refuses other names: Deno would pass them to the kernel as different ones. */
function requireUtf8(header: TarHeader): void {
  if (header.name.isWellFormed() && header.linkName.isWellFormed()) return;
  throw refused(header, "its name and what it links to must be UTF-8");
}

/** Errors of the file system that are caused by the content of the archive, as rules. */
const RULES: ReadonlyMap<string, string> = new Map([
  ["ENAMETOOLONG", "its path must not be too long where it is unpacked"],
  ["EFBIG", "its size must not exceed the limit of the file system"],
]);

function refused(header: TarHeader, rule: string, options?: ErrorOptions): ArchiveError {
  return new ArchiveError(
    `cannot unpack ${JSON.stringify(header.name)}: archives are not trusted: ${rule}`,
    options,
  );
}
