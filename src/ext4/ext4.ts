/** Reads untrusted ext4 file systems without mounting them. */
import { contentExtents, type ContentPiece, contentPieces, type Extent } from "./file_content.ts";
import { decodeName } from "../archive/decode_name.ts";
import { type DirectoryEntry, readDirectory } from "./directory.ts";
import type { Ext4Error } from "./ext4_error.ts";
import { EXTENTS_FLAG, INLINE_DATA_FLAG, type Inode, readInode } from "./inode.ts";
import { replayJournal } from "./journal_replay.ts";
import { PageCache } from "./page_cache.ts";
import type { Ext4Source } from "./source.ts";
import { readSuperblock } from "./superblock.ts";
import { Volume } from "./volume.ts";
import { readXattrs } from "./xattrs.ts";

// EXT4_ROOT_INO of fs/ext4/ext4.h.
const ROOT_INODE = 2;
// PATH_MAX of include/uapi/linux/limits.h.
const MAX_TARGET_BYTES = 4095;

/**
 * An ext4 file system, with its journal replayed.
 *
 * All calls are synchronous. The total work of all calls is limited to a multiple of the size of
 * the disk, so that a hostile disk cannot keep its reader busy forever; beyond that every call
 * fails. Open the disk again to read more.
 */
export class Ext4 {
  readonly #volume: Volume;

  /** Made by {@linkcode openExt4}. */
  constructor(volume: Volume) {
    this.#volume = volume;
  }

  /** Makes the error for this disk. @param why the rule and the fact: `a must be b: it is c` */
  refused(why: string): Ext4Error {
    return this.#volume.refused(why);
  }

  /** Returns the root directory. @throws {Ext4Error} if it is damaged */
  root(): Inode {
    const root = this.inode(ROOT_INODE);
    if (root.kind === "directory") return root;
    throw this.refused(`its root must be a directory: it is a ${root.kind}`);
  }

  /** Reads an inode by number. @throws {Ext4Error} if there is no such inode, or it is damaged */
  inode(number: number): Inode {
    return readInode(this.#volume, number);
  }

  /**
   * Yields the names in a directory in no particular order, without `.` and `..`. A hostile disk
   * may repeat names, or make a directory part of itself.
   *
   * @throws {Ext4Error} from the generator, if the inode is not a directory or is damaged
   */
  entries(directory: Inode): Generator<DirectoryEntry> {
    this.#expect(directory, "directory");
    return readDirectory(this.#volume, directory);
  }

  /** Returns the extended attributes by full name. @throws {Ext4Error} if they are damaged */
  xattrs(inode: Inode): ReadonlyMap<string, Uint8Array> {
    return readXattrs(this.#volume, inode);
  }

  /** Returns the target of a symlink, which is not empty. @throws {Ext4Error} if it is damaged */
  linkTarget(inode: Inode): string {
    this.#expect(inode, "symlink");
    const refuse = (fact: string) =>
      this.refused(`symlinks must name a path: inode ${inode.number} ${fact}`);
    if (inode.size < 1 || inode.size > MAX_TARGET_BYTES) throw refuse(`has ${inode.size} bytes`);
    const target = this.#target(inode);
    if (target.length < inode.size || target.includes(0)) throw refuse("is not whole");
    return decodeName(target);
  }

  /**
   * Yields the parts of a file that are not holes, in order.
   *
   * @throws {Ext4Error} from the generator, if the inode is not a file or is damaged
   */
  extents(file: Inode): Generator<Extent> {
    this.#expect(file, "file");
    return contentExtents(this.#volume, file);
  }

  /**
   * Yields the content of a file in order, in pieces of up to 1 MiB that the caller owns; holes are
   * left out.
   *
   * @throws {Ext4Error} from the generator, if the inode is not a file or is damaged
   */
  content(file: Inode): Generator<ContentPiece> {
    this.#expect(file, "file");
    return contentPieces(this.#volume, file);
  }

  /** The bytes of a target; a short one is stored in place of the block map. */
  #target(inode: Inode): Uint8Array {
    if (
      inode.size < inode.block.length && (inode.flags & (EXTENTS_FLAG | INLINE_DATA_FLAG)) === 0
    ) {
      return inode.block.subarray(0, inode.size);
    }
    const [piece] = contentPieces(this.#volume, inode);
    return piece?.offset === 0 ? piece.bytes : new Uint8Array();
  }

  #expect(inode: Inode, kind: Inode["kind"]): void {
    if (inode.kind === kind) return;
    throw this.refused(`inode ${inode.number} must be a ${kind}: it is a ${inode.kind}`);
  }
}

/**
 * Opens the ext4 file system on a disk, replaying its journal in memory if it was not unmounted.
 *
 * The caller keeps ownership of `source`, which must stay readable as long as the result is used.
 *
 * @throws {Ext4Error} if there is no ext4 file system, it is damaged, or uses an unsupported
 * feature
 * @example
 * ```ts
 * import { openExt4 } from "./ext4.ts";
 * import { fileSource } from "./source.ts";
 *
 * async function example(): Promise<void> {
 *   using file = Deno.openSync("workspace.img");
 *   const disk = openExt4(fileSource("the workspace", file));
 *   for (const { name } of disk.entries(disk.root())) name;
 * }
 * ```
 */
export function openExt4(source: Ext4Source): Ext4 {
  const volume = openVolume(source);
  const { needsRecovery, journalInode, blockBytes } = volume.superblock;
  if (!needsRecovery) return new Ext4(volume);
  if (journalInode === 0) throw volume.refused("its journal must be on it: there is none");
  const recovered = openVolume(replayJournal(volume, readInode(volume, journalInode)));
  if (recovered.superblock.blockBytes === blockBytes) return new Ext4(recovered);
  throw volume.refused("its journal must keep the size of blocks: it does not");
}

function openVolume(source: Ext4Source): Volume {
  const disk = new PageCache(source);
  return new Volume(disk, readSuperblock(disk));
}
