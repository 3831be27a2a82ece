// Forged disks, as a hostile guest could make them.

import assert from "node:assert/strict";
import { Ext4Error } from "../../src/ext4/ext4_error.ts";
import { makeTree } from "../archive/fixture.ts";
import { needs } from "../support/tools.ts";
import { diskSnapshot, find, makeImage, open, placeOf } from "./fixture.ts";

const BLOCK = 1024;
const ROOT_INODE = 2;

/** An image without checksums, and helpers to forge its metadata. */
class Forgery {
  readonly view: DataView;

  constructor(readonly image: Uint8Array) {
    this.view = new DataView(image.buffer);
  }

  /** The offset of an inode; the block of its table is in the first group descriptor. */
  inode(number: number): number {
    return this.view.getUint32(2 * BLOCK + 8, true) * BLOCK + (number - 1) * 256;
  }

  /** The offset of the directory entry of a name. */
  entry(name: string): number {
    return placeOf(this.image, name) - 8;
  }

  inodeNamed(name: string): number {
    return this.inode(this.view.getUint32(this.entry(name), true));
  }

  /** The number of the block that contains a text. */
  blockOf(text: string): number {
    return Math.floor(placeOf(this.image, text) / BLOCK);
  }

  u16(at: number, value: number): void {
    this.view.setUint16(at, value, true);
  }

  u32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  /** A node of an extent tree with one entry, which refers to `block`. */
  node(at: number, depth: number, block: number): void {
    this.u16(at, 0xf30a);
    this.u16(at + 2, 1);
    this.u16(at + 4, 4);
    this.u16(at + 6, depth);
    this.u32(at + 12, 0);
    this.u32(at + 16, block);
    this.u32(at + 20, 0);
  }
}

function build(folder: string): void {
  makeTree(folder, {
    "the-file": "file-content",
    "the-other": "other-content",
    "the-directory/the-inner": "inner-content",
    "the-link": { link: `${"x".repeat(80)}-link-end` },
    "the-short": { link: "short" },
  });
}

/** How a disk is forged, and the message. */
const ROWS: Record<string, [forge: (disk: Forgery) => void, message: RegExp]> = {
  "an entry of no length": [
    (disk) => disk.u16(disk.entry("the-file") + 4, 0),
    /directories must be whole: inode 2 is not/,
  ],
  "an entry that ends after its block": [
    (disk) => disk.u16(disk.entry("the-file") + 4, 4096),
    /directories must be whole: inode 2 is not/,
  ],
  "a name longer than its entry": [
    (disk) => disk.image.set([255], disk.entry("the-inner") + 6),
    /directories must be whole|names must be of one part/,
  ],
  "a name with a slash": [
    (disk) => disk.image.set([0x2f], disk.entry("the-file") + 8 + 3),
    /names must be of one part: directory 2 has "the\/file"/,
  ],
  "a name with a NUL": [
    (disk) => disk.image.set([0], disk.entry("the-file") + 8 + 3),
    /names must be of one part: directory 2 has "the\\u0000file"/,
  ],
  "an empty name": [
    (disk) => disk.image.set([0], disk.entry("the-file") + 6),
    /names must be of one part: directory 2 has ""/,
  ],
  "a name that is ..": [
    (disk) => disk.image.set([2, 1, 0x2e, 0x2e], disk.entry("the-file") + 6),
    /names must be of one part: directory 2 has "\.\."/,
  ],
  "an inode that does not exist": [
    (disk) => disk.u32(disk.entry("the-file"), 0xffffffff),
    /inodes must be of its \d+: 4294967295 is not/,
  ],
  "an inode that is deleted": [
    (disk) => disk.u16(disk.inodeNamed("the-file") + 0x1a, 0),
    /inodes must be whole: \d+ is deleted/,
  ],
  "an inode of no known kind": [
    (disk) => disk.u16(disk.inodeNamed("the-file"), 0o644),
    /inodes must be whole: \d+ is of no known kind/,
  ],
  "a file of 2^60 bytes": [
    (disk) => disk.u32(disk.inodeNamed("the-file") + 0x6c, 1 << 28),
    /inodes must be whole: \d+ has 1152921504606847000 bytes/,
  ],
  "a directory of 1 TiB": [
    (disk) => disk.u32(disk.inode(ROOT_INODE) + 0x6c, 256),
    /directories must be whole: inode 2 is not/,
  ],
  "a symlink of 1 TiB": [
    (disk) => disk.u32(disk.inodeNamed("the-link") + 0x6c, 256),
    /symlinks must name a path: inode \d+ has \d+ bytes/,
  ],
  "an empty symlink": [
    (disk) => disk.u32(disk.inodeNamed("the-short") + 4, 0),
    /symlinks must name a path: inode \d+ has 0 bytes/,
  ],
  "a symlink with a NUL": [
    (disk) => disk.u32(disk.inodeNamed("the-short") + 4, 20),
    /symlinks must name a path: inode \d+ is not whole/,
  ],
  "an extent tree that contains itself": [
    (disk) => {
      const block = disk.blockOf("file-content");
      disk.node(disk.inodeNamed("the-file") + 0x28, 2, block);
      disk.node(block * BLOCK, 1, block);
    },
    /extents must be in order: those of inode \d+ are not/,
  ],
  "an extent tree that is too deep": [
    (disk) => disk.node(disk.inodeNamed("the-file") + 0x28, 6, disk.blockOf("file-content")),
    /extents must be in order: those of inode \d+ are not/,
  ],
  "an extent beyond the disk": [
    (disk) => {
      disk.node(disk.inodeNamed("the-file") + 0x28, 0, 8);
      disk.u32(disk.inodeNamed("the-file") + 0x28 + 20, 0x7fffffff);
    },
    /blocks must be of its 16384: 8 at 2147483647 are not/,
  ],
  "attributes without an end": [
    (disk) => {
      const inode = disk.inode(ROOT_INODE);
      disk.u32(inode + 128 + 32, 0xea020000);
      disk.image.fill(1, inode + 128 + 36, inode + 256);
    },
    /attributes must be whole: those of inode 2 are not/,
  ],
  "an invalid block of attributes": [
    (disk) => disk.u32(disk.inode(ROOT_INODE) + 0x68, disk.blockOf("file-content")),
    /attributes must be whole: those of inode 2 are not/,
  ],
  "a root that is a file": [
    (disk) => disk.u16(disk.inode(ROOT_INODE), 0o100644),
    /its root must be a directory: it is a file/,
  ],
  "an unknown feature": [
    (disk) => disk.u32(1024 + 0x60, 0x2 | 0x40 | 0x10000),
    /its features must be known: incompat 0x10000 is not/,
  ],
  "more blocks than there are": [
    (disk) => disk.u32(1024 + 4, 16385),
    /its superblock must fit the disk: it has 16385 blocks of 1024 bytes, on 16777216 bytes/,
  ],
  "blocks of 2^31 KiB": [
    (disk) => disk.u32(1024 + 0x18, 31),
    /its superblock must fit the disk: its blocks are too large/,
  ],
  "inodes of no size": [
    (disk) => disk.u16(1024 + 0x58, 0),
    /its superblock must fit the disk: its inodes have 0 bytes/,
  ],
  "groups of no inodes": [
    (disk) => disk.u32(1024 + 0x28, 0),
    /its superblock must fit the disk: its groups have 0 inodes/,
  ],
  "groups of no blocks": [
    (disk) => disk.u32(1024 + 0x20, 0),
    /its superblock must fit the disk: its groups have no blocks/,
  ],
  "an inode table beyond the disk": [
    (disk) => disk.u32(2 * BLOCK + 8, 0x7fffffff),
    /blocks must be of its 16384: 512 at 2147483647 are not/,
  ],
  "no superblock": [
    (disk) => disk.image.fill(0, 1024, 2048),
    /an ext4 disk must have a superblock: there is none/,
  ],
};

for (const [what, [forge, message]] of Object.entries(ROWS)) {
  Deno.test({
    ...needs(`openExt4() or a walk refuses ${what}`, "mke2fs"),
    async fn() {
      const options = ["-b", `${BLOCK}`, "-O", "^metadata_csum"];
      const image = await makeImage(build, { mib: 16, options });
      forge(new Forgery(image));
      assert.throws(() => {
        const disk = open(image);
        disk.xattrs(disk.root());
        diskSnapshot(disk);
      }, (error) => {
        assert.ok(error instanceof Ext4Error);
        assert.match(error.message, /^cannot read the workspace: [^\n]*$/);
        assert.match(error.message, message);
        return true;
      });
    },
  });
}

Deno.test({
  ...needs("reading a map whose blocks are all the same one ends", "mke2fs"),
  async fn() {
    const options = ["-b", `${BLOCK}`, "-O", "^metadata_csum"];
    const forged = new Forgery(await makeImage(build, { mib: 16, options }));
    const inode = forged.inodeNamed("the-file");
    const block = forged.blockOf("other-content");
    for (let at = 0; at < BLOCK; at += 4) forged.u32(block * BLOCK + at, block);
    forged.u32(inode + 0x20, 0);
    forged.image.fill(0, inode + 0x28, inode + 0x64);
    // Three levels of this are 2^24 blocks.
    forged.u32(inode + 0x28 + 14 * 4, block);
    forged.u32(inode + 0x6c, 4);
    const disk = open(forged.image);
    const file = find(disk, "the-file");
    assert.throws(() => {
      for (const extent of disk.extents(file)) assert.ok(extent.length > 0);
    }, /its blocks must be used once: they are used again and again/);
  },
});

Deno.test("openExt4() refuses a disk that ends before its superblock", () => {
  for (const size of [0, 1, 1024, 2047]) {
    assert.throws(() => open(new Uint8Array(size)), {
      name: "Ext4Error",
      message:
        `cannot read the workspace: an ext4 disk must have a superblock: it has ${size} bytes`,
    });
  }
});

Deno.test({
  ...needs("a file that is read again and again exceeds the limit of work", "mke2fs"),
  async fn() {
    const disk = open(await makeImage(build, { mib: 8 }));
    assert.throws(() => {
      while (true) diskSnapshot(disk);
    }, /^Ext4Error: .*: its blocks must be used once: they are used again and again$/);
  },
});
