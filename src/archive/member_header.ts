/** Makes the tar header for a file on disk. */
import { readLinkWord, xattrsOf } from "../libc/odd_names.ts";
import { type Member, packing } from "./list_members.ts";
import type { TarHeader, TarType } from "./tar_format.ts";

/** Values that override those of the files, and what is packed besides. */
export interface HeaderOptions {
  /** The mtime of every entry, in seconds since the epoch: for reproducible archives. */
  readonly mtime?: number;
  /** The owner of every entry: for reproducible archives. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Whether to pack capabilities and `user.` attributes, as in Podman's images; needs FFI. */
  readonly xattrs?: boolean;
}

/** The extended attributes that containers/storage stores in a layer (pkg/archive/archive.go). */
const PACKED_XATTRS = /^(?:security\.capability$|user\.)/;

/**
 * Returns the header for `member`.
 *
 * @param firstNames the first packed name of each file with several links, by device and inode; the
 *   member is added if it is the first
 * @throws {ArchiveError} if its symlink or extended attributes cannot be read
 */
export function memberHeader(
  member: Member,
  firstNames: Map<string, string>,
  options: HeaderOptions,
): TarHeader {
  const { path, name, stat } = member;
  const firstName = linkedName(member, firstNames);
  const type = firstName === undefined ? statType(stat) : "link";
  const xattrs = options.xattrs && type !== "link" ? packedXattrs(path) : new Map();
  const device = type === "char" || type === "block" ? stat.rdev ?? 0 : 0;
  return {
    type,
    name,
    linkName: firstName ?? (type === "symlink" ? packing(path, () => readLinkWord(path)) : ""),
    mode: (stat.mode ?? 0o644) & 0o7777,
    uid: options.owner?.uid ?? stat.uid ?? 0,
    gid: options.owner?.gid ?? stat.gid ?? 0,
    size: type === "file" ? stat.size : 0,
    mtime: options.mtime ?? Math.floor((stat.mtime?.getTime() ?? 0) / 1000),
    major: deviceMajor(device),
    minor: deviceMinor(device),
    ...(xattrs.size > 0 && { xattrs }),
  };
}

function packedXattrs(path: string): ReadonlyMap<string, Uint8Array> {
  return packing(path, () => xattrsOf(path, (name) => PACKED_XATTRS.test(name)));
}

/** The name under which the same file is in the archive already, if it is. */
function linkedName(
  { name, stat }: Member,
  firstNames: Map<string, string>,
): string | undefined {
  // An inode number above 2^53 is not exact and could be another file's: pack the content again.
  if (!stat.isFile || (stat.nlink ?? 1) < 2 || !Number.isSafeInteger(stat.ino)) return undefined;
  const key = `${stat.dev}:${stat.ino}`;
  const firstName = firstNames.get(key);
  if (firstName === undefined) firstNames.set(key, name);
  // The same path given twice must not become a link to itself.
  return firstName === name ? undefined : firstName;
}

function statType(stat: Deno.FileInfo): TarType {
  if (stat.isDirectory) return "directory";
  if (stat.isSymlink) return "symlink";
  if (stat.isFifo) return "fifo";
  if (stat.isCharDevice) return "char";
  if (stat.isBlockDevice) return "block";
  return "file";
}

// Decodes a device number as glibc's gnu_dev_major and gnu_dev_minor do; by division, as it has
// more than the 32 bits of bit operators.
function deviceMajor(device: number): number {
  return Math.floor(device / 2 ** 8) % 2 ** 12 + Math.floor(device / 2 ** 44) * 2 ** 12;
}

function deviceMinor(device: number): number {
  return device % 2 ** 8 + Math.floor(device / 2 ** 20) % 2 ** 24 * 2 ** 8;
}
