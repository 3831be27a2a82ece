/** Writes tar entries into a fresh directory that nobody else can reach. */
import { linkSync, lutimesSync } from "node:fs";
import { ArchiveError } from "./archive_error.ts";
import { checkSymlink, entryPath, parentPath } from "./entry_path.ts";
import { writeContent } from "./write_content.ts";
import type { TarEntry } from "./read_tar.ts";
import type { TarHeader } from "./tar_format.ts";

/** The mode and mtime (seconds) of a directory, which are set once nothing is written into it. */
export interface DirectoryStamp {
  readonly mode: number;
  readonly mtime: number;
}

/**
 * A tree below `root` that grows by one entry at a time, and holds nothing that leads out of it.
 *
 * `root` must be an empty directory that is this process's own: what was seen to be a directory is
 * not looked at again, and no directory is ever replaced.
 */
export class StagedTree {
  readonly #root: string;
  readonly #realDirectories = new Set<string>([""]);
  readonly #stamps = new Map<string, DirectoryStamp>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The stamps of the directories that the archive names, by path; "" is the folder itself. */
  get stamps(): ReadonlyMap<string, DirectoryStamp> {
    return this.#stamps;
  }

  /**
   * Writes one entry. An entry of the same name as an earlier one replaces it.
   *
   * @throws {ArchiveError} if the entry could lead out of the tree, or is a device or a fifo
   */
  async add(entry: TarEntry): Promise<void> {
    const { header } = entry;
    requireUtf8(header);
    const path = entryPath(header.name);
    if (header.type !== "directory" && path === "") {
      throw refused(header, "the folder itself must be a directory");
    }
    this.#makeDirectories(parentPath(path), header);
    switch (header.type) {
      case "directory":
        this.#makeDirectories(path, header);
        this.#stamps.set(path, { mode: header.mode & 0o777, mtime: header.mtime });
        return;
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

  /** Makes `path` and its parents, unless something else is in the way. */
  #makeDirectories(path: string, header: TarHeader): void {
    if (this.#realDirectories.has(path)) return;
    this.#makeDirectories(parentPath(path), header);
    const stat = look(this.#at(path));
    if (stat === undefined) {
      Deno.mkdirSync(this.#at(path));
    } else if (!stat.isDirectory) {
      throw refused(header, `its parents must be directories, and ${path} is none`);
    }
    this.#realDirectories.add(path);
  }

  /** Whether `path` is a directory without a symlink on the way. */
  #isReal(path: string): boolean {
    if (this.#realDirectories.has(path)) return true;
    return this.#isReal(parentPath(path)) && look(this.#at(path))?.isDirectory === true;
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

function refused(header: TarHeader, rule: string): ArchiveError {
  return new ArchiveError(
    `Cannot unpack ${JSON.stringify(header.name)} as archives are not trusted: ${rule}`,
  );
}
