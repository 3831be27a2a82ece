// The formats of images, and the command lines of the programs that make them.

import type { ManifestEntry } from "../images/manifest.ts";

/** A file system format of images. */
export type ImageFormat = "squashfs" | "ext4" | "erofs";

/** All of them. */
export const IMAGE_FORMATS: readonly ImageFormat[] = ["squashfs", "ext4", "erofs"];

/** Returns whether a name is a format. */
export function isImageFormat(name: string): name is ImageFormat {
  return (IMAGE_FORMATS as readonly string[]).includes(name);
}

/** A program that makes a file system from a folder. */
export interface Formatter {
  readonly program: string;
  /** The Debian package of the program. */
  readonly install: string;
  /** Returns its arguments. */
  readonly args: (device: string, folder: string, space: Space) => readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The amount of data to be stored. */
export interface Space {
  readonly bytes: number;
  readonly inodes: number;
  /** Whether the squashfs has any extended attributes; if not, mounting cannot list them. */
  readonly hasXattrs: boolean;
}

/** The UUID of all file systems. They are never mounted together, so it need not be unique. */
const UUID = "65786563-766d-4000-8000-000000000000";

const BLOCK_BYTES = 4096;
const INODE_BYTES = 256;
/**
 * Space for bitmaps, extended attributes and other overhead: a constant, and a fraction of the
 * whole.
 */
const SPARE_BYTES = 16 << 20;
const SPARE_PART = 1.03;
/** Inodes that ext4 reserves (fs/ext4/ext4.h, EXT4_GOOD_OLD_FIRST_INO), and a few more. */
const SPARE_INODES = 64;

/** How the formats that are not packed from a stream are made. Equal files give equal bytes. */
export const FORMATTERS: Readonly<Record<Exclude<ImageFormat, "squashfs">, Formatter>> = {
  ext4: {
    program: "mke2fs",
    install: "apt-get install e2fsprogs",
    args: (device, folder, { inodes }) => [
      ...["-q", "-F", "-t", "ext4", "-m", "0", "-b", String(BLOCK_BYTES), "-N", String(inodes)],
      // The image is never written to and never grows.
      ...["-O", "^has_journal,^resize_inode", "-U", UUID],
      ...["-E", `hash_seed=${UUID},nodiscard`, "-d", folder, device],
    ],
    // lib/ext2fs: the creation time, in place of the clock.
    env: { E2FSPROGS_FAKE_TIME: "1" },
  },
  erofs: {
    program: "mkfs.erofs",
    install: "apt-get install erofs-utils",
    args: (device, folder, { hasXattrs }) => [
      ...(hasXattrs ? [] : ["-x-1"]),
      // No checksum, because times that it would cover are set afterwards.
      ...["--quiet", "-zlz4", "--preserve-mtime", "-Enosbcrc", "-U", UUID, device, folder],
    ],
    env: {},
  },
};

/** Returns an upper bound of the size of a root. */
export async function spaceFor(
  entries: AsyncIterable<ManifestEntry> | Iterable<ManifestEntry>,
): Promise<Omit<Space, "hasXattrs">> {
  let blocks = 0;
  let inodes = SPARE_INODES;
  for await (const { path, kind, size = 0 } of entries) {
    // Each name takes its length in a folder; a folder or a long symlink takes part of a block.
    blocks += Math.ceil(size / BLOCK_BYTES) + (kind === "file" ? 0 : 1);
    inodes++;
    blocks += (path.length - path.lastIndexOf("/")) * 3 / BLOCK_BYTES;
  }
  const bytes = blocks * BLOCK_BYTES + inodes * INODE_BYTES;
  const whole = Math.ceil((bytes * SPARE_PART + SPARE_BYTES) / (1 << 20)) * (1 << 20);
  return { bytes: whole, inodes };
}

// struct squashfs_super_block, fs/squashfs/squashfs_fs.h: the place of the table of extended
// attributes.
const SQUASHFS_XATTRS_AT = 56;
const NO_TABLE = 2n ** 64n - 1n;

/** Returns whether a squashfs has extended attributes. */
export function hasXattrs(squashfs: string): boolean {
  using file = Deno.openSync(squashfs);
  const place = new Uint8Array(8);
  file.seekSync(SQUASHFS_XATTRS_AT, Deno.SeekMode.Start);
  file.readSync(place);
  return new DataView(place.buffer).getBigUint64(0, true) !== NO_TABLE;
}

// struct erofs_super_block, fs/erofs/erofs_fs.h: at 1024; 12 u8 log2 of a block, 24 u64 and 32 u32
// the time when it was made, 36 u32 blocks.
const EROFS_AT = 1024;
const EROFS_BYTES = 128;

/** Clears the creation time of an erofs, and truncates what follows its end. */
export function finishErofs(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true });
  const superblock = new Uint8Array(EROFS_BYTES);
  file.seekSync(EROFS_AT, Deno.SeekMode.Start);
  file.readSync(superblock);
  const view = new DataView(superblock.buffer);
  view.setBigUint64(24, 0n);
  view.setUint32(32, 0);
  file.seekSync(EROFS_AT, Deno.SeekMode.Start);
  file.writeSync(superblock);
  file.truncateSync(view.getUint32(36, true) * 2 ** view.getUint8(12));
}
