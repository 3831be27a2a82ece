/** Turns tar headers into cpio headers: names, inode numbers, links and missing parents. */
import { ArchiveError } from "./archive_error.ts";
import { type CpioHeader, MAX_FIELD, MODE_TYPES, TRAILER } from "./cpio_header.ts";
import { decodeName, encodeName } from "./decode_name.ts";
import { entryPath } from "./entry_path.ts";
import { IMPLIED_FOLDER } from "./implied_folder.ts";
import { ByteArena, Column } from "./held_pages.ts";
import { MAX_PATH_BYTES, type TarLimits } from "./limits.ts";
import { NameTree, ROOT } from "./name_tree.ts";
import type { TarHeader, TarType } from "./tar_format.ts";

// Later links are not known when a file is written, so each file claims to have many. The kernel
// and GNU cpio only require 2 or more; bsdtar counts down and forgets the file at the last one.
const FILE_NLINK = 1000;

/** A cpio entry; `linkName` is the target of a symlink. */
export interface CpioEntry {
  readonly header: CpioHeader;
  readonly type: Exclude<TarType, "link">;
  readonly linkName: string;
}

/** Memory for each name: a mode and the place of its fields. */
const ENTRY_BYTES = 4 + 4;
/** Memory for the fields of an entry, without its target: five numbers, two more for a device. */
const FIELDS_BYTES = 5 * 4;
const DEVICE_BYTES = 2 * 4;

const TYPES = Object.entries(MODE_TYPES) as [CpioEntry["type"], number][];
const TYPE_MASK = 0o170000;

/**
 * The names of one archive; inode numbers count from 1 in order of appearance. Disposing frees the
 * memory.
 */
export class CpioNames implements Disposable {
  readonly #names: NameTree;
  /** Type and permission bits of each name, and the place of its fields; 0 if it has no entry. */
  readonly #modes = new Column((items) => new Uint32Array(items));
  readonly #places = new Column((items) => new Uint32Array(items));
  readonly #arena = new ByteArena();
  /** The fields of one entry and its target, which has at most this many bytes. */
  readonly #fields = new Uint8Array(FIELDS_BYTES + DEVICE_BYTES + MAX_PATH_BYTES);
  readonly #view = new DataView(this.#fields.buffer);
  #lastIno = 0;

  constructor(limits?: TarLimits) {
    this.#names = new NameTree(ENTRY_BYTES, limits);
  }

  /**
   * Converts a tar entry into cpio entries: its missing parents, then itself. The content, if any,
   * belongs to the last.
   *
   * @throws {ArchiveError} if cpio, or the kernel's reader of it, cannot represent the entry
   */
  add(tar: TarHeader): CpioEntry[] {
    const name = cpioName(tar.name);
    checkLimits(name, tar);
    const { entries, id } = this.#missingParents(name);
    const entry = tar.type === "link" ? this.#link(name, tar) : this.#own(name, tar, tar.type);
    this.#keep(id, entry);
    return [...entries, entry];
  }

  [Symbol.dispose](): void {
    for (const held of [this.#names, this.#modes, this.#places, this.#arena]) {
      held[Symbol.dispose]();
    }
  }

  #own(name: string, tar: Omit<TarHeader, "type">, type: Exclude<TarType, "link">): CpioEntry {
    const header = {
      name,
      ino: ++this.#lastIno,
      mode: MODE_TYPES[type] | tar.mode,
      uid: tar.uid,
      gid: tar.gid,
      nlink: nlinkOf(type),
      mtime: Math.max(0, Math.min(Math.floor(tar.mtime), MAX_FIELD)),
      size: type === "symlink" ? encodeName(tar.linkName).length : tar.size,
      major: tar.major,
      minor: tar.minor,
    };
    return { header, type, linkName: tar.linkName };
  }

  /** A hard link: an entry with the same inode number and no content. */
  #link(name: string, tar: TarHeader): CpioEntry {
    const first = this.#kept(cpioName(tar.linkName));
    if (first === undefined || first.type === "directory") {
      throw refused(name, "a link must name an earlier entry", JSON.stringify(tar.linkName));
    }
    if (first.type === "file") return { ...first, header: { ...first.header, name } };
    // The kernel does not link symlinks; for nodes without content a second node does as well.
    return { ...first, header: { ...first.header, name, ino: ++this.#lastIno } };
  }

  /** Makes entries for missing parents: the kernel does not create them. */
  #missingParents(name: string): { entries: CpioEntry[]; id: number } {
    const entries: CpioEntry[] = [];
    if (name === TOP) return { entries, id: ROOT };
    let id = ROOT;
    for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) {
      const path = name.slice(0, slash);
      id = this.#names.add(id, path.slice(path.lastIndexOf("/") + 1));
      if (this.#modes.get(id) !== 0) continue;
      const entry = this.#own(path, IMPLIED_FOLDER, "directory");
      this.#keep(id, entry);
      entries.push(entry);
    }
    return { entries, id: this.#names.add(id, name.slice(name.lastIndexOf("/") + 1)) };
  }

  /**
   * Keeps an entry for later links to it; of a folder only the mode, as nothing links to folders.
   */
  #keep(id: number, { header, type, linkName }: CpioEntry): void {
    this.#modes.set(id, header.mode);
    if (type === "directory") return;
    const isDevice = type === "char" || type === "block";
    const target = type === "symlink" ? encodeName(linkName) : NO_BYTES;
    const view = this.#view;
    const numbers = [header.ino, header.uid, header.gid, header.mtime, header.size];
    // Only symlinks keep a size: that of a file may exceed 32 bits, and links to it have no
    // content.
    if (type === "file") numbers[4] = 0;
    if (isDevice) numbers.push(header.major, header.minor);
    for (const [index, number] of numbers.entries()) view.setUint32(4 * index, number);
    const length = FIELDS_BYTES + (isDevice ? DEVICE_BYTES : target.length);
    this.#fields.set(target, FIELDS_BYTES);
    this.#names.hold(ByteArena.sizeOf(length), header.name);
    this.#places.set(id, this.#arena.add(this.#fields.subarray(0, length)));
  }

  #kept(path: string): CpioEntry | undefined {
    const id = path === TOP ? ROOT : this.#names.findPath(path);
    const mode = id === undefined ? 0 : this.#modes.get(id);
    if (id === undefined || mode === 0) return undefined;
    const type = TYPES.find(([, bits]) => bits === (mode & TYPE_MASK))![0];
    const bytes = type === "directory" ? EMPTY_FIELDS : this.#arena.get(this.#places.get(id));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const isDevice = type === "char" || type === "block";
    const [ino, uid, gid, mtime, size] = [0, 4, 8, 12, 16].map((at) => view.getUint32(at)) as [
      ...[number, number, number, number, number],
    ];
    const header = {
      ...{ name: path, ino, mode, uid, gid, nlink: nlinkOf(type), mtime, size },
      major: isDevice ? view.getUint32(FIELDS_BYTES) : 0,
      minor: isDevice ? view.getUint32(FIELDS_BYTES + 4) : 0,
    };
    const linkName = type === "symlink" ? decodeName(bytes.subarray(FIELDS_BYTES)) : "";
    return { header, type, linkName };
  }
}

/** The name of the top folder. */
const TOP = ".";
const NO_BYTES = new Uint8Array();
const EMPTY_FIELDS = new Uint8Array(FIELDS_BYTES);

function nlinkOf(type: CpioEntry["type"]): number {
  return type === "file" ? FILE_NLINK : type === "directory" ? 2 : 1;
}

function cpioName(name: string): string {
  return entryPath(name.replace(/^\/+/, ""), "put into a cpio") || TOP;
}

function checkLimits(name: string, tar: TarHeader): void {
  // The kernel and cpio(1) would ignore the rest of the archive.
  if (name === TRAILER) throw refused(name, "this name ends an archive", "no entry can have it");
  const bytes = Math.max(encodeName(name).length, encodeName(tar.linkName).length);
  if (bytes > MAX_PATH_BYTES) { // the kernel would skip it
    throw refused(name, `names must be at most ${MAX_PATH_BYTES} bytes`, `${bytes}`);
  }
  if (tar.type === "symlink" && (tar.linkName === "" || tar.linkName.includes("\0"))) {
    throw refused(name, "a symlink must have a target without NUL", JSON.stringify(tar.linkName));
  }
  if (tar.size > MAX_FIELD) throw refused(name, "a file must be below 4 GiB", `${tar.size}`);
  for (const number of [tar.major, tar.minor]) {
    if (number >= 0 && number <= MAX_FIELD) continue;
    throw refused(name, "a device number must fit into 32 bits", `${number}`);
  }
  for (const id of [tar.uid, tar.gid]) {
    if (id < 0 || id > MAX_FIELD) throw refused(name, "an owner must fit into 32 bits", `${id}`);
  }
}

function refused(name: string, rule: string, fact: string): ArchiveError {
  return new ArchiveError(
    `cannot put ${JSON.stringify(name)} into a cpio archive: ${rule}: ${fact}`,
  );
}
