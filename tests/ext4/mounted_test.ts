// Compares with the kernel: images written by it, and recovered by it.

import assert from "node:assert/strict";
import { makeTree, tool } from "../archive/fixture.ts";
import { tempDir } from "../support/temp_dir.ts";
import {
  diskSnapshot,
  find,
  folderSnapshot,
  makeImage,
  mounted,
  needsMounts,
  open,
} from "./fixture.ts";

const FORMS: Record<string, string[]> = {
  "the default form": [],
  "blocks of 1 KiB": ["-b", "1024"],
  "no checksums": ["-O", "^metadata_csum"],
  "32 bits and block maps": ["-O", "^extent,^64bit,^flex_bg"],
  "32 bits with checksums": ["-O", "^64bit"],
  "data in inodes": ["-O", "inline_data"],
};

/** An image while it was mounted, and after unmounting. */
interface Images {
  readonly crashed: Uint8Array;
  readonly clean: Uint8Array;
  readonly expected: readonly string[];
}

/** Mounts a new image and calls `change` to modify it. */
async function images(
  options: string[],
  change: (folder: string) => Promise<void> | void,
): Promise<Images> {
  using dir = tempDir();
  const [image, folder] = [`${dir.path}/disk.img`, `${dir.path}/mnt`];
  Deno.mkdirSync(folder);
  Deno.writeFileSync(image, await makeImage(() => {}, { options, mib: 48 }));
  let expected: string[];
  let crashed: Uint8Array;
  {
    await using _ = await mounted(image, folder);
    await change(folder);
    await commit(folder);
    crashed = Deno.readFileSync(image);
    expected = folderSnapshot(folder);
  }
  return { crashed, clean: Deno.readFileSync(image), expected };
}

/**
 * Writes data to its place but metadata only to the journal, by fsync of one file after the other.
 * syncfs would write everything to its place and leave nothing to replay.
 */
async function commit(folder: string): Promise<void> {
  await tool(["find", folder, "-xdev", "-type", "f", "-exec", "sync", "--", "{}", "+"]);
}

/** The state of an image that was not unmounted after recovery by the kernel. */
async function recovered(image: Uint8Array): Promise<string[]> {
  using dir = tempDir();
  const [copy, folder] = [`${dir.path}/copy.img`, `${dir.path}/mnt`];
  Deno.mkdirSync(folder);
  Deno.writeFileSync(copy, image);
  await using _ = await mounted(copy, folder);
  return folderSnapshot(folder);
}

/** Writes much metadata in several transactions, with blocks that are freed and reused. */
async function work(folder: string): Promise<void> {
  makeTree(folder, {
    "a/b/c": "content",
    "link": { link: `${"far/".repeat(30)}away` },
    "large": new Uint8Array(2 << 20).fill(7),
  });
  for (let file = 0; file < 2500; file++) {
    Deno.writeTextFileSync(`${folder}/a/${"name".repeat(10)}${file}`, `${file}`);
  }
  Deno.linkSync(`${folder}/a/b/c`, `${folder}/hard`);
  // Pieces that are not adjacent need an extent tree.
  using scattered = Deno.createSync(`${folder}/scattered`);
  for (let piece = 0; piece < 400; piece++) {
    scattered.seekSync(piece * 20_000, Deno.SeekMode.Start);
    scattered.writeSync(new Uint8Array(1000).fill(piece));
  }
  await commit(folder);
  for (let file = 0; file < 2500; file += 2) {
    Deno.removeSync(`${folder}/a/${"name".repeat(10)}${file}`);
  }
  Deno.mkdirSync(`${folder}/gone`);
  for (let file = 0; file < 300; file++) Deno.writeTextFileSync(`${folder}/gone/${file}`, "x");
  await commit(folder);
  Deno.removeSync(`${folder}/gone`, { recursive: true });
  Deno.writeFileSync(`${folder}/anew`, new Uint8Array(1 << 20).fill(9));
  Deno.utimeSync(`${folder}/anew`, 5_000_000_000, 5_000_000_000);
  Deno.utimeSync(`${folder}/hard`, -5_000, -5_000);
}

for (const [form, options] of Object.entries(FORMS)) {
  Deno.test({
    ...needsMounts(`openExt4() sees what the kernel wrote in ${form}, unmounted or not`),
    async fn() {
      const { crashed, clean, expected } = await images(options, async (folder) => {
        await work(folder);
        // Block maps cannot mark a block as unwritten.
        if (form.includes("block maps")) return;
        await tool(["fallocate", "-l", "1M", `${folder}/allocated`]);
      });
      assert.deepEqual(diskSnapshot(open(clean)), expected);
      assert.deepEqual(diskSnapshot(open(crashed)), await recovered(crashed));
    },
  });
}

Deno.test({
  ...needsMounts("openExt4() replays a journal only in memory"),
  async fn() {
    const { crashed } = await images([], work);
    const before = crashed.slice();
    diskSnapshot(open(crashed));
    assert.deepEqual(crashed, before);
  },
});

Deno.test({
  ...needsMounts("openExt4() sees a disk that was cut off at any write as the kernel does"),
  async fn() {
    using dir = tempDir();
    const [image, folder] = [`${dir.path}/disk.img`, `${dir.path}/mnt`];
    Deno.mkdirSync(folder);
    Deno.writeFileSync(image, await makeImage(() => {}, { mib: 16, options: ["-b", "1024"] }));
    const cut: Uint8Array[] = [];
    {
      await using _ = await mounted(image, folder, "loop,commit=1");
      for (let round = 0; round < 8; round++) {
        for (let file = 0; file < 60; file++) {
          Deno.writeTextFileSync(`${folder}/${round}-${file}`, "x".repeat(round * 300));
        }
        if (round > 1) {
          for (let file = 0; file < 60; file++) Deno.removeSync(`${folder}/${round - 2}-${file}`);
        }
        await commit(folder);
        cut.push(Deno.readFileSync(image));
      }
    }
    for (const crashed of cut) {
      assert.deepEqual(diskSnapshot(open(crashed)), await recovered(crashed));
    }
  },
});

Deno.test({
  ...needsMounts("an inode has the nanoseconds that the kernel gave it"),
  async fn() {
    const { clean } = await images([], async (folder) => {
      Deno.writeTextFileSync(`${folder}/file`, "");
      await tool(["touch", "-d", "@1700000000.123456789", `${folder}/file`]);
    });
    assert.deepEqual(find(open(clean), "file").mtime, {
      seconds: 1700000000,
      nanoseconds: 123456789,
    });
  },
});
