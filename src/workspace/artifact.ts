/** What a run left behind, as data. */
import type { Inode, InodeKind } from "../ext4/inode.ts";

/** What became of a path. */
export type Change = "created" | "changed" | "deleted";

/** What is at a path. */
export interface Entry {
  /** What it is. */
  readonly kind: InodeKind;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  /** Its owner. */
  readonly uid: number;
  /** The group of its owner. */
  readonly gid: number;
  /** Bytes of content, holes included; 0 for all but files. */
  readonly size: number;
  /** Where a symlink leads. */
  readonly linkTarget?: string;
  /** The numbers of a device. */
  readonly device?: { readonly major: number; readonly minor: number };
}

/**
 * One path that a run created, changed or deleted; what is said of a deleted one is what the image had.
 */
export interface Artifact extends Entry {
  /**
   * Absolute inside the guest. A byte that is not part of UTF-8 is the lone surrogate U+DC00 + byte, so
   * that each name is exact, also in JSON.
   */
  readonly path: string;
  /** What became of it. */
  readonly change: Change;
  /** Of a file's content, in hexadecimal; not there if the file was too large, or is deleted. */
  readonly sha256?: string;
}

/** What an inode is, apart from its content. @param linkTarget where it leads, if it is a symlink */
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

/** Whether two entries are the same, apart from content that has the same size. */
export function isSameEntry(a: Entry, b: Entry): boolean {
  return a.kind === b.kind && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid &&
    a.size === b.size && a.linkTarget === b.linkTarget &&
    a.device?.major === b.device?.major && a.device?.minor === b.device?.minor;
}
