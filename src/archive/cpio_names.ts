/** Turns tar headers into cpio headers: names, inode numbers, links and missing parents. */
import { ArchiveError } from "./archive_error.ts";
import { type CpioHeader, MAX_FIELD, MODE_TYPES, TRAILER } from "./cpio_header.ts";
import { encodeName } from "./decode_name.ts";
import { entryPath, parentPath } from "./entry_path.ts";
import { IMPLIED_FOLDER, MAX_PATH_BYTES } from "./implied_folder.ts";
import type { TarHeader, TarType } from "./tar_format.ts";

// What is to come in a stream is not known, so each file claims further names. The kernel and GNU
// cpio ask for 2 or more only; bsdtar counts down and forgets the file at the last one.
const FILE_NLINK = 1000;

/** A cpio entry, and the target if it is a symlink. */
export interface CpioEntry {
  readonly header: CpioHeader;
  readonly type: Exclude<TarType, "link">;
  readonly linkName: string;
}

/** Keeps the names of one archive; inode numbers count from 1 in order of appearance. */
export class CpioNames {
  readonly #entries = new Map<string, CpioEntry>();
  #lastIno = 0;

  /**
   * The entries that a tar entry becomes: parents that are missing, then itself. The content, if
   * any, belongs to the last.
   *
   * @throws {ArchiveError} if cpio, or the kernel's reader of it, cannot hold the entry
   */
  add(tar: TarHeader): CpioEntry[] {
    const name = cpioName(tar.name);
    checkLimits(name, tar);
    const parents = this.#missingParents(name);
    const entry = tar.type === "link" ? this.#link(name, tar) : this.#own(name, tar, tar.type);
    this.#entries.set(name, entry);
    return [...parents, entry];
  }

  #own(name: string, tar: Omit<TarHeader, "type">, type: Exclude<TarType, "link">): CpioEntry {
    const header = {
      name,
      ino: ++this.#lastIno,
      mode: MODE_TYPES[type] | tar.mode,
      uid: tar.uid,
      gid: tar.gid,
      nlink: type === "file" ? FILE_NLINK : type === "directory" ? 2 : 1,
      mtime: Math.max(0, Math.min(Math.floor(tar.mtime), MAX_FIELD)),
      size: type === "symlink" ? encodeName(tar.linkName).length : tar.size,
      major: tar.major,
      minor: tar.minor,
    };
    return { header, type, linkName: tar.linkName };
  }

  /** A further name of a file: the same inode number, and no content. */
  #link(name: string, tar: TarHeader): CpioEntry {
    const first = this.#entries.get(cpioName(tar.linkName));
    if (first === undefined || first.type === "directory") {
      throw refused(name, "a link must name an earlier entry", JSON.stringify(tar.linkName));
    }
    if (first.type === "file") return { ...first, header: { ...first.header, name, size: 0 } };
    // The kernel links no symlinks; for nodes without content a second one is as good.
    return { ...first, header: { ...first.header, name, ino: ++this.#lastIno } };
  }

  /** The kernel makes no parents, and then cannot make what is in them. */
  #missingParents(name: string): CpioEntry[] {
    const parent = parentPath(name);
    if (parent === "" || this.#entries.has(parent)) return [];
    const above = this.#missingParents(parent);
    const entry = this.#own(parent, IMPLIED_FOLDER, "directory");
    this.#entries.set(parent, entry);
    return [...above, entry];
  }
}

function cpioName(name: string): string {
  return entryPath(name.replace(/^\/+/, ""), "put into a cpio") || ".";
}

function checkLimits(name: string, tar: TarHeader): void {
  // The kernel and cpio(1) would take the rest for no part of the archive.
  if (name === TRAILER) throw refused(name, "this name ends an archive", "an entry has it");
  const bytes = Math.max(encodeName(name).length, encodeName(tar.linkName).length);
  if (bytes > MAX_PATH_BYTES) { // the kernel would skip it
    throw refused(name, `names must be at most ${MAX_PATH_BYTES} bytes`, `${bytes}`);
  }
  if (tar.type === "symlink" && (tar.linkName === "" || tar.linkName.includes("\0"))) {
    throw refused(name, "a symlink must have a target without NUL", JSON.stringify(tar.linkName));
  }
  if (tar.size > MAX_FIELD) throw refused(name, "a file must be below 4 GiB", `${tar.size}`);
  for (const id of [tar.uid, tar.gid]) {
    if (id < 0 || id > MAX_FIELD) throw refused(name, "an owner must fit into 32 bits", `${id}`);
  }
}

function refused(name: string, rule: string, fact: string): ArchiveError {
  return new ArchiveError(
    `Cannot put ${JSON.stringify(name)} into a cpio archive as ${rule}: ${fact}`,
  );
}
