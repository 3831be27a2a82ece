// Images that are damaged at random places, with fixed seeds.

import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { Ext4Error } from "../../src/ext4/ext4_error.ts";
import { artifactArchive } from "../../src/workspace/artifact_archive.ts";
import { workspaceChanges } from "../../src/workspace/workspace_changes.ts";
import { makeTree } from "../archive/fixture.ts";
import { needs } from "../support/tools.ts";
import { changedBy, debugfs, diskSnapshot, makeImage, open, placeOf } from "./fixture.ts";

const BLOCK = 1024;
// Fields without a checksum, so that a change is not detected.
const CONTENTS = ["content of the small file", `${"far/".repeat(20)}away`];

function build(folder: string): void {
  makeTree(folder, {
    "upper/etc/small": CONTENTS[0]!,
    "upper/link": { link: CONTENTS[1]! },
    "upper/workspace/a/b/c": { dir: true },
    "upper/workspace/empty": "",
  });
  for (let file = 0; file < 120; file++) {
    Deno.linkSync(
      `${folder}/upper/etc/small`,
      `${folder}/upper/workspace/a/${"n".repeat(30)}${file}`,
    );
  }
  using scattered = Deno.createSync(`${folder}/upper/workspace/scattered`);
  for (let piece = 0; piece < 12; piece++) {
    scattered.seekSync(piece * 5000, Deno.SeekMode.Start);
    scattered.writeSync(new Uint8Array(100));
  }
}

const FORMS: Record<string, string[]> = {
  "with checksums": [],
  "without checksums": ["-O", "^metadata_csum"],
  "with block maps": ["-O", "^metadata_csum,^extent,^64bit"],
  "with data in inodes": ["-O", "^metadata_csum,inline_data"],
};

/** An image of the tree with indexed directories and with blocks of metadata in its journal. */
async function makeFuzzed(options: string[]): Promise<Uint8Array> {
  const made = await makeImage(build, { mib: 8, options: ["-b", `${BLOCK}`, ...options] });
  const indexed = await changedBy(made, (path) => ["e2fsck", "-fyD", path]);
  // The inode tables of the first group, logged unchanged.
  const table = new DataView(indexed.buffer).getUint32(2 * BLOCK + 8, true);
  using logged = temporary(indexed.slice(table * BLOCK, (table + 4) * BLOCK));
  const numbers = [0, 1, 2, 3].map((index) => table + index).join(",");
  const checksums = options.length === 0 ? "-c -v 3" : "";
  return await debugfs(indexed, [`jo ${checksums}`, `jw -b ${numbers} ${logged.path}`, "jc"]);
}

function temporary(bytes: Uint8Array): { readonly path: string } & Disposable {
  const path = Deno.makeTempFileSync();
  Deno.writeFileSync(path, bytes);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}

/** Reads everything in every way and returns it as lines. */
async function readAll(image: Uint8Array): Promise<string[]> {
  const disk = open(image);
  const bounds = { maxBytes: 1 << 20, maxEntries: 1000 };
  const { artifacts } = await workspaceChanges(disk, bounds);
  const archive = artifactArchive(disk, artifacts, { ...bounds, onLeftOut: () => {} });
  for await (const chunk of archive) assert.ok(chunk.length > 0);
  return artifacts.map((artifact) => JSON.stringify(artifact));
}

/** The result of reading, or the message of an Ext4Error; any other error fails the test. */
async function outcome(image: Uint8Array): Promise<string[] | string> {
  try {
    return await readAll(image);
  } catch (error) {
    assert.ok(error instanceof Ext4Error, (error as Error).stack ?? String(error));
    assert.match(error.message, /^cannot read the workspace: [^\n]*: [^\n]*$/);
    return error.message;
  }
}

/** Offsets of an image that are not zero, where damage matters. */
function usedBytes(image: Uint8Array): number[] {
  return [...image.keys()].filter((at) => image[at] !== 0);
}

for (const [form, options] of Object.entries(FORMS)) {
  Deno.test({
    ...needs(
      `a damaged image ${form} is read or refused, whatever the damage`,
      "mke2fs",
      "debugfs",
    ),
    async fn() {
      const image = await makeFuzzed(options);
      assert.equal(typeof await outcome(image), "object", String(await outcome(image)));
      const used = usedBytes(image);
      const refusals = new Set<string>();
      let read = 0;
      const flip = fc.record({
        at: fc.nat(used.length - 1),
        mask: fc.integer({ min: 1, max: 255 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 6 }), async (flips) => {
          const damaged = image.slice();
          for (const { at, mask } of flips) damaged[used[at]!]! ^= mask;
          const result = await outcome(damaged);
          if (typeof result === "string") refusals.add(result.replaceAll(/[0-9]+/g, "N"));
          else read++;
        }),
        { seed: 1, numRuns: 400 },
      );
      // Otherwise there would have been too much or too little damage to test anything.
      assert.ok(refusals.size >= 5, `${refusals.size} kinds of refusals`);
      assert.ok(read >= 10, `${read} were read`);
    },
  });

  Deno.test({
    ...needs(`a truncated image ${form} is refused or read as if whole`, "mke2fs", "debugfs"),
    async fn() {
      const image = await makeFuzzed(options);
      await fc.assert(
        fc.asyncProperty(fc.nat(image.length), async (length) => {
          const result = await outcome(image.slice(0, length));
          assert.equal(typeof result, length < image.length ? "string" : "object");
        }),
        { seed: 2, numRuns: 60 },
      );
    },
  });
}

Deno.test({
  ...needs("one wrong bit of summed metadata never goes unnoticed", "mke2fs", "debugfs"),
  async fn() {
    const image = await makeFuzzed([]);
    const expected = diskSnapshot(open(image));
    const summed = new Uint8Array(image);
    for (const text of CONTENTS) {
      const at = placeOf(image, text);
      summed.fill(0, at, at + text.length);
    }
    const used = usedBytes(summed);
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(used.length - 1), fc.nat(7), (at, bit) => {
        const damaged = image.slice();
        damaged[used[at]!]! ^= 1 << bit;
        let result: string[];
        try {
          result = diskSnapshot(open(damaged));
        } catch (error) {
          assert.ok(error instanceof Ext4Error, String(error));
          refused++;
          return;
        }
        assert.deepEqual(result, expected);
      }),
      { seed: 3, numRuns: 600 },
    );
    assert.ok(refused > 100, `${refused} were refused`);
  },
});
