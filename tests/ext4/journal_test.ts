// Journals in all formats, written by debugfs.

import assert from "node:assert/strict";
import { makeTree } from "../archive/fixture.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";
import { changedBy, contentOf, debugfs, find, makeImage, open, placeOf } from "./fixture.ts";

const BLOCK = 1024;
const MAGIC = Uint8Array.of(0xc0, 0x3b, 0x39, 0x98);

const FORMS: Record<string, { open: string; options: string[] }> = {
  "without checksums": { open: "jo", options: ["-O", "^metadata_csum"] },
  "without checksums and 64 bits": { open: "jo", options: ["-O", "^metadata_csum,^64bit"] },
  "with checksums v2": { open: "jo -c -v 2", options: [] },
  "with checksums v2 and without 64 bits": { open: "jo -c -v 2", options: ["-O", "^64bit"] },
  "with checksums v3": { open: "jo -c -v 3", options: [] },
  "with checksums v3 and without 64 bits": { open: "jo -c -v 3", options: ["-O", "^64bit"] },
};

/** A block that starts with a unique text. */
function block(text: string, start = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(BLOCK);
  bytes.set(start);
  bytes.set(new TextEncoder().encode(text), start.length);
  return bytes;
}

/** An image with a file of four blocks and four transactions that change it in its journal. */
async function makeLogged(form: { open: string; options: string[] }): Promise<Uint8Array> {
  using dir = tempDir();
  const names = ["old-0", "old-1", "old-2", "old-3"];
  const image = await makeImage((folder) => {
    const content = new Uint8Array(4 * BLOCK);
    names.forEach((name, index) => content.set(block(name), index * BLOCK));
    makeTree(folder, { "file": content });
  }, { mib: 16, options: ["-b", `${BLOCK}`, ...form.options] });
  const numbers = names.map((name) => placeOf(image, name) / BLOCK);
  const join = (name: string, blocks: Uint8Array[]) => {
    const whole = new Uint8Array(blocks.length * BLOCK);
    blocks.forEach((bytes, index) => whole.set(bytes, index * BLOCK));
    Deno.writeFileSync(`${dir.path}/${name}`, whole);
    return `${dir.path}/${name}`;
  };
  const first = [block("new-0"), block("new-1", MAGIC), block("new-2"), block("new-3")];
  return await debugfs(image, [
    form.open,
    `jw -b ${numbers.join(",")} ${join("first", first)}`,
    `jw -r ${numbers[2]}`,
    `jw -b ${numbers[3]} ${join("third", [block("newer-3")])}`,
    `jw -c -b ${numbers[0]} ${join("last", [block("never-0")])}`,
    "jc",
  ]);
}

/** The content of the file, a text for each block, without a magic number in front. */
function texts(image: Uint8Array): string[] {
  const disk = open(image);
  const content = contentOf(disk, find(disk, "file"));
  return [0, 1, 2, 3].map((index) => {
    const bytes = content.subarray(index * BLOCK, (index + 1) * BLOCK);
    const start = MAGIC.every((byte, at) => bytes[at] === byte) ? MAGIC.length : 0;
    return new TextDecoder().decode(bytes.subarray(start, bytes.indexOf(0, start)));
  });
}

for (const [form, how] of Object.entries(FORMS)) {
  Deno.test({
    ...needs(`a journal ${form} is replayed as e2fsck does`, "mke2fs", "debugfs"),
    async fn() {
      const image = await makeLogged(how);
      assert.deepEqual(texts(image), ["new-0", "new-1", "old-2", "newer-3"]);
      const checked = await changedBy(image, (path) => ["e2fsck", "-fy", path]);
      assert.deepEqual(texts(checked), ["new-0", "new-1", "old-2", "newer-3"]);
    },
  });
}

const CHECKED = FORMS["with checksums v3"]!;

/** The offset of the first control block of a type in a transaction. */
function controlBlock(image: Uint8Array, type: number, sequence: number): number {
  const header = Uint8Array.of(...MAGIC, 0, 0, 0, type, 0, 0, 0, sequence);
  for (let at = 0; at < image.length; at += BLOCK) {
    if (header.every((byte, index) => image[at + index] === byte)) return at;
  }
  throw new Error(`no block of type ${type} in transaction ${sequence}`);
}

Deno.test({
  ...needs("a last transaction with an incomplete commit is left out", "mke2fs", "debugfs"),
  async fn() {
    const image = await makeLogged(CHECKED);
    image[controlBlock(image, 2, 3) + 500]! ^= 1;
    assert.deepEqual(texts(image), ["new-0", "new-1", "old-2", "new-3"]);
  },
});

const DAMAGE: Record<string, (image: Uint8Array) => void> = {
  "a descriptor of a committed transaction": (image) =>
    image[controlBlock(image, 1, 1) + 500]! ^= 1,
  "a revoke block of a committed transaction": (image) =>
    image[controlBlock(image, 5, 2) + 500]! ^= 1,
  "a logged block": (image) => image[placeOf(image, "newer-3") + 100]! ^= 1,
};

for (const [what, damage] of Object.entries(DAMAGE)) {
  Deno.test({
    ...needs(`a journal with ${what} that is damaged is refused`, "mke2fs", "debugfs"),
    async fn() {
      const image = await makeLogged(CHECKED);
      damage(image);
      assert.throws(() => texts(image), {
        name: "Ext4Error",
        message: /^cannot read the workspace: its journal must match its checksums: .* does not$/,
      });
    },
  });
}

Deno.test({
  ...needs("a journal whose superblock is damaged is refused", "mke2fs", "debugfs"),
  async fn() {
    const image = await makeLogged(CHECKED);
    image[controlBlock(image, 4, 0) + 0x300]! ^= 1;
    assert.throws(() => texts(image), /: its journal must match its checksum: it does not/);
  },
});

Deno.test({
  ...needs("a journal with fast commits is refused", "mke2fs", "debugfs"),
  async fn() {
    const image = await makeLogged(FORMS["without checksums"]!);
    image[controlBlock(image, 4, 0) + 0x2b]! |= 0x20;
    assert.throws(() => texts(image), /: its journal must be without fast commits: /);
  },
});

Deno.test({
  ...needs("a journal with blocks beyond the disk is refused", "mke2fs", "debugfs"),
  async fn() {
    const image = await makeLogged(FORMS["without checksums"]!);
    image[controlBlock(image, 1, 1) + 12]! = 0x7f;
    assert.throws(() => texts(image), /: its journal must have blocks of the disk only: /);
  },
});
