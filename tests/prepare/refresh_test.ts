// Makes images again that the cache has.

import "../support/test_cache.ts";
import assert from "node:assert/strict";
import { type Image, prepareImage, type PrepareOptions } from "../../mod.ts";
import { readManifest } from "../../src/images/manifest.ts";
import { findNamed } from "../../src/prepare/choose_image.ts";
import { findImage, removeImage } from "../../src/prepare/image_store.ts";
import { oldImageNotice } from "../../src/prepare/refreshed.ts";
import { resolveImage } from "../../src/prepare/resolve_root.ts";
import { rawTar } from "../archive/fixture.ts";
import { codeTest, makeShellRoot } from "../code/fixture.ts";
import { tempDir } from "../support/temp_dir.ts";
import { templateCache } from "../support/template_cache.ts";
import { needs } from "../support/tools.ts";

/** Puts a mmdebstrap into PATH that makes a root with one file, of the name that `next` is given. */
function fakeMmdebstrap(folder: string): { next(name: string): void } & Disposable {
  const path = Deno.env.get("PATH")!;
  const script = `#!/bin/sh\nexec cat '${folder}/root.tar'\n`;
  Deno.writeTextFileSync(`${folder}/mmdebstrap`, script, { mode: 0o755 });
  Deno.env.set("PATH", `${folder}:${path}`);
  return {
    next: (name) => Deno.writeFileSync(`${folder}/root.tar`, rawTar({ name, data: "a" })),
    [Symbol.dispose]: () => Deno.env.set("PATH", path),
  };
}

/** The paths of the files in an image, apart from the root. */
async function filesOf(image: Image): Promise<readonly string[]> {
  return (await readManifest(image.path)).map(({ path }) => path).filter((path) => path !== "/");
}

const from = "debian:bookworm";
const prepare = (options: Partial<PrepareOptions> = {}) => prepareImage({ from, ...options });

Deno.test({
  ...needs(
    "refresh makes an image again, which is used from then on; the older one stays",
    "sqfstar",
  ),
  async fn() {
    using _cache = templateCache();
    using folder = tempDir();
    using mirror = fakeMmdebstrap(folder.path);
    mirror.next("old");
    const old = await prepare();
    mirror.next("new");
    assert.equal((await prepare()).key, old.key);
    const fresh = await prepare({ refresh: true });
    assert.deepEqual([await filesOf(old), await filesOf(fresh)], [["/old"], ["/new"]]);
    assert.equal((await prepare()).key, fresh.key);
    assert.equal((await resolveImage(from)).key, fresh.key);
    assert.ok(findImage(old.key));
    removeImage(fresh.key);
    mirror.next("newest");
    assert.deepEqual(await filesOf(await prepare()), ["/newest"]);
  },
});

Deno.test({
  ...needs("a refresh moves the name, and makes an image with a cacheKey again", "sqfstar"),
  async fn() {
    using _cache = templateCache();
    using folder = tempDir();
    using mirror = fakeMmdebstrap(folder.path);
    for (const option of ["name", "cacheKey"]) {
      mirror.next("old");
      const old = await prepare({ [option]: option, refresh: true });
      assert.equal((await prepare({ [option]: option })).key, old.key);
      mirror.next("new");
      const fresh = await prepare({ [option]: option, refresh: true });
      assert.deepEqual(await filesOf(fresh), ["/new"]);
      assert.equal(findNamed(option)?.key, fresh.key);
      assert.equal((await prepare({ [option]: option })).key, fresh.key);
    }
  },
});

Deno.test({
  ...needs(
    "a refresh that fails leaves the image in use, and an image is no source to refresh",
    "sqfstar",
  ),
  async fn() {
    using _cache = templateCache();
    using folder = tempDir();
    using mirror = fakeMmdebstrap(folder.path);
    mirror.next("old");
    const old = await prepare({ name: "base" });
    Deno.writeTextFileSync(`${folder.path}/root.tar`, "no tar");
    await assert.rejects(prepare({ refresh: true }));
    assert.equal((await prepare()).key, old.key);
    await assert.rejects(prepare({ from: "base", refresh: true }), {
      name: "TypeError",
      message: /^cannot make the image "base" again: it is the source itself: prepare it from what/,
    });
  },
});

codeTest("a refresh runs steps again, on a source that is made again, or on an image", async () => {
  using _cache = templateCache();
  using folder = tempDir();
  const root = await makeShellRoot(`${folder.path}/root`);
  const run = [["sh", "-c", "cat /proc/sys/kernel/random/uuid > /made"]];
  const base = await prepareImage({ from: root });
  for (const source of [root, base.key]) {
    const first = await prepareImage({ from: source, run });
    const second = await prepareImage({ from: source, run, refresh: true });
    assert.notEqual(second.key, first.key);
    assert.equal((await prepareImage({ from: source, run })).key, second.key);
  }
});

Deno.test("a Debian of a month ago is named as old, other images are not", () => {
  const day = 24 * 60 * 60 * 1000;
  assert.equal(oldImageNotice(from, 0, 30 * day - 1), undefined);
  assert.equal(
    oldImageNotice(from, 0, 45.5 * day),
    "execvm: the image of debian:bookworm is 45 days old: " +
      "execvm image prepare --refresh debian:bookworm makes it again",
  );
  assert.equal(oldImageNotice("oci://debian", 0, 45 * day), undefined);
});
