/** The data types for what a run changed. */
import type { Inode, InodeKind } from "../ext4/inode.ts";

/** What a run did to a path. */
export type Change = "created" | "changed" | "deleted";

/** The metadata of the file at a path. */
export interface Entry {
  /** The type of file. */
  readonly kind: InodeKind;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  /** User id of the owner. */
  readonly uid: number;
  /** Group id of the owner. */
  readonly gid: number;
  /** Bytes of content, with holes; 0 for all but files. */
  readonly size: number;
  /** The target of a symlink. */
  readonly linkTarget?: string;
  /** The device numbers of a device node. */
  readonly device?: { readonly major: number; readonly minor: number };
}

/**
 * A path that a run created, changed or deleted, with its new metadata; that of a deleted path is
 * from the image.
 */
export interface Artifact extends Entry {
  /**
   * The absolute path in the guest. A byte that is not part of valid UTF-8 is the lone surrogate
   * U+DC00 + byte, so that each name is exact, also in JSON.
   */
  readonly path: string;
  /** What the run did to it. */
  readonly change: Change;
  /** SHA-256 of a file's content, in hexadecimal; absent if the file is too large or deleted. */
  readonly sha256?: string;
}

/** Returns the metadata of an inode. @param linkTarget its target, if it is a symlink */
export function entryOf(inode: Inode, linkTarget?: string): Entry {
  return {
    kind: inode.kind,
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    size: inode.kind === "file" ? inode.size : 0,
    ...(linkTarget !== undefined && { linkTarget }),
    ...(inode.device !== undefined && { device: inode.device }),
  };
}

/** Whether the metadata of two entries, including the size of their content, is equal. */
export function isSameEntry(a: Entry, b: Entry): boolean {
  return a.kind === b.kind && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid &&
    a.size === b.size && a.linkTarget === b.linkTarget &&
    a.device?.major === b.device?.major && a.device?.minor === b.device?.minor;
}
