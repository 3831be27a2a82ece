/** What a tar header says about something on disk. */
import { readLinkWord, xattrsOf } from "../libc/odd_names.ts";
import { type Member, packing } from "./list_members.ts";
import type { TarHeader, TarType } from "./tar_format.ts";

/** What a header says in place of the truth. */
export interface HeaderOptions {
  /** Seconds since the epoch for every entry, in place of its own: for reproducible bytes. */
  readonly mtime?: number;
  /** The owner of every entry, in place of its own: for reproducible bytes. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Whether capabilities and `user.` attributes are packed, as Podman's images have them; needs FFI. */
  readonly xattrs?: boolean;
}

/** The extended attributes that containers/storage puts into a layer, pkg/archive/archive.go. */
const PACKED_XATTRS = /^(?:security\.capability$|user\.)/;

/**
 * The header for `member`.
 *
 * @param firstNames the names under which files with more than one were packed first, by device and
 *   inode; changed when the member is the first of its names
 * @throws {ArchiveError} if it is a symlink that cannot be read
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

/** The name under which the same file is in the archive already. */
function linkedName(
  { name, stat }: Member,
  firstNames: Map<string, string>,
): string | undefined {
  // An inode number that is not exact could be that of another file: then pack the content again.
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

// The bits of a device number as glibc's gnu_dev_major and gnu_dev_minor take them apart; by
// division, as the number has more bits than bit operators keep.
function deviceMajor(device: number): number {
  return Math.floor(device / 2 ** 8) % 2 ** 12 + Math.floor(device / 2 ** 44) * 2 ** 12;
}

function deviceMinor(device: number): number {
  return device % 2 ** 8 + Math.floor(device / 2 ** 20) % 2 ** 24 * 2 ** 8;
}
