// Removes images by age and size.

import "../support/test_cache.ts";
import assert from "node:assert/strict";
import { type Image, prepareImage } from "../../mod.ts";
import { holdImage } from "../../src/disks/held_image.ts";
import { listImages } from "../../src/prepare/image_store.ts";
import { pruneImages, type PruneOptions } from "../../src/prepare/prune_images.ts";
import { rawTar } from "../archive/fixture.ts";
import { execvm } from "../support/cli.ts";
import { tempDir } from "../support/temp_dir.ts";
import { templateCache } from "../support/template_cache.ts";
import { needs } from "../support/tools.ts";

const DAY_MS = 86_400_000;

/** Sets when an image was last used. */
function usedDaysAgo({ path }: Image, days: number): void {
  const time = new Date(Date.now() - days * DAY_MS);
  Deno.utimeSync(path.replace(/[^/]*$/, "image.json"), time, time);
}

/** Runs a test with images that were last used 3, 2 and 1 days ago; the second has a name. */
function pruneTest(name: string, fn: (images: readonly Image[]) => Promise<void>): void {
  Deno.test({
    ...needs(name, "sqfstar"),
    async fn() {
      using _cache = templateCache();
      using folder = tempDir();
      const images: Image[] = [];
      for (const [index, data] of ["one", "two", "three"].entries()) {
        const from = `${folder.path}/${data}.tar`;
        Deno.writeFileSync(from, rawTar({ name: "a", data }));
        const image = await prepareImage({ from, ...(data === "two" && { name: "named" }) });
        usedDaysAgo(image, 3 - index);
        images.push(image);
      }
      await fn(images);
    },
  });
}

/** The keys of what was pruned. */
async function keysOf(options: PruneOptions): Promise<readonly string[]> {
  return (await pruneImages(options)).pruned.map(({ key }) => key);
}

/** The keys of what is in the cache. */
function keysLeft(): ReadonlySet<string> {
  return new Set(listImages().map(({ key }) => key));
}

pruneTest(
  "images that were not used for some time are pruned, without those that have a name",
  async ([one, two, three]) => {
    assert.deepEqual(await keysOf({ olderThanMs: 1.5 * DAY_MS }), [one!.key]);
    assert.deepEqual(keysLeft(), new Set([two!.key, three!.key]));
    assert.deepEqual(await keysOf({ olderThanMs: 1.5 * DAY_MS, all: true }), [two!.key]);
    assert.deepEqual(keysLeft(), new Set([three!.key]));
  },
);

pruneTest(
  "the least recently used images are pruned until the rest fits",
  async ([one, two, three]) => {
    const bytes = one!.bytes + two!.bytes + three!.bytes;
    assert.deepEqual(await keysOf({ maxBytes: bytes }), []);
    assert.deepEqual(await keysOf({ maxBytes: bytes - 1 }), [one!.key]);
    const { pruned, bytesLeft } = await pruneImages({ maxBytes: 1 });
    assert.deepEqual(pruned.map(({ key }) => key), [three!.key]);
    assert.equal(bytesLeft, two!.bytes);
  },
);

pruneTest("an image that a machine has is not pruned", async ([one, , three]) => {
  {
    using _held = await holdImage(one!.path);
    assert.deepEqual(await keysOf({ maxBytes: 1 }), [three!.key]);
  }
  assert.deepEqual(await keysOf({ maxBytes: 1 }), [one!.key]);
});

pruneTest("an image that is used is young again", async ([one]) => {
  await prepareImage({ from: one!.from });
  assert.deepEqual(
    await keysOf({ olderThanMs: DAY_MS / 2, all: true }).then((keys) => keys.length),
    2,
  );
  assert.deepEqual(keysLeft(), new Set([one!.key]));
});

pruneTest(
  "execvm image prune prints what it removes; --dry-run removes nothing",
  async ([one, , three]) => {
    const dry = await execvm(["image", "prune", "--older-than", "2d", "--dry-run"]);
    assert.match(dry.stdout, new RegExp(`^${one!.key.slice(0, 12)}\t1 MiB\t\\w+\t${one!.from}\n$`));
    assert.equal(keysLeft().size, 3);
    const { stdout, stderr, code } = await execvm(["image", "prune", "--max-size", "1M"]);
    assert.deepEqual([stdout, stderr, code], ["", "", 0]);
    const run = await execvm(["image", "prune", "--older-than", "0d"]);
    assert.deepEqual(run.stdout.split("\n").map((line) => line.slice(0, 12)), [
      one!.key.slice(0, 12),
      three!.key.slice(0, 12),
      "",
    ]);
  },
);

for (
  const [args, message] of [
    [[], "cannot prune images: give --older-than 30d or --max-size 20G"],
    [["--older-than", "30"], '"30": it is not an age such as 30d, 12h or 2w'],
    [["--max-size", "x"], '"x": it is not a memory size such as 512, 512M or 2G'],
  ] as const
) {
  Deno.test(`execvm image prune ${args.join(" ")} is refused in one line`, async () => {
    const { code, stdout, stderr } = await execvm(["image", "prune", ...args]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.ok(stderr.includes(message) && stderr.trimEnd().split("\n").length === 1, stderr);
  });
}
