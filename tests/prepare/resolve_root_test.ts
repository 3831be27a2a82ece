// What a root may be, on every surface: a name, a key, a path or a source.

import "../support/test_cache.ts";
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { prepareImage } from "../../mod.ts";
import { imagesDir, listImages, removeImage } from "../../src/prepare/image_store.ts";
import { resolveImage, type ResolveOptions, resolveRoot } from "../../src/prepare/resolve_root.ts";
import { rawTar } from "../archive/fixture.ts";
import {
  filesTar,
  IMAGE_CONFIG,
  layoutFiles,
  makeImage,
  savedFiles,
  writeFiles,
} from "../images/oci_fixture.ts";
import { fakeDocker } from "../support/fake_docker.ts";
import { tempDir } from "../support/temp_dir.ts";
import { templateCache } from "../support/template_cache.ts";
import { needs } from "../support/tools.ts";

const ROOT = rawTar({ name: "a", data: "a" });

/** Runs a test with an empty cache and an empty folder. */
function rootTest(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    ...needs(name, "sqfstar"),
    async fn() {
      using _cache = templateCache();
      using folder = tempDir();
      await fn(folder.path);
    },
  });
}

rootTest(
  "a folder, an image of a file system and a missing path are used as they are",
  async (folder) => {
    const { path } = await prepareImage({ from: tarIn(folder) });
    const squashfs = `${folder}/root.img`;
    Deno.copyFileSync(path, squashfs);
    Deno.writeTextFileSync(`${folder}/manifest.json`, "{}"); // a root may have any file
    for (const root of [folder, squashfs, path, "/not/there", "./nor this"]) {
      assert.equal(await resolveRoot(root), root);
    }
    assert.equal(listImages().length, 1);
  },
);

function tarIn(folder: string): string {
  Deno.writeFileSync(`${folder}/root.tar`, ROOT);
  return `${folder}/root.tar`;
}

function files() {
  const { blobs, manifest } = makeImage();
  return layoutFiles(blobs, manifest);
}

const PREPARED: Readonly<Record<string, (path: string) => void>> = {
  "a tar": (path) => Deno.writeFileSync(path, ROOT),
  "a gzipped tar": (path) => Deno.writeFileSync(path, gzipSync(ROOT)),
  "an OCI layout": (path) => writeFiles(path, files()),
  "an archive of an OCI layout": (path) => Deno.writeFileSync(path, filesTar(files())),
  "what docker save writes": (path) =>
    Deno.writeFileSync(path, filesTar(savedFiles(makeImage(), "app:1"))),
};

for (const [what, write] of Object.entries(PREPARED)) {
  rootTest(`${what} is prepared, once`, async (folder) => {
    write(`${folder}/root`);
    const steps: string[] = [];
    const options: ResolveOptions = { onProgress: (step, n) => void (n ?? steps.push(step)) };
    const [one, two] = await Promise.all([1, 2].map(() => resolveRoot(`${folder}/root`, options)));
    assert.deepEqual([one, two], [listImages()[0]!.path, listImages()[0]!.path]);
    assert.equal(await resolveRoot(`${folder}/root`, options), one);
    assert.deepEqual(steps, ["packing the image"]);
  });
}

rootTest("an image is found by its name, its key and the start of that", async (folder) => {
  const image = await prepareImage({ from: tarIn(folder), name: "py:3" });
  for (const root of ["py:3", image.key, image.key.slice(0, 4)]) {
    assert.equal(await resolveRoot(root), image.path);
    assert.deepEqual(await resolveImage(root), image);
  }
});

rootTest("docker:NAME is prepared from the daemon", async (folder) => {
  using _docker = fakeDocker(folder, false);
  const { from, config } = await resolveImage("docker:app");
  assert.deepEqual([from, config], ["docker:app", IMAGE_CONFIG]);
});

rootTest("preparing ends when it is aborted, and leaves nothing", async (folder) => {
  using _docker = fakeDocker(folder, true);
  const aborter = new AbortController();
  const onProgress = (step: string) => {
    if (step === "packing the image") aborter.abort(new Error("enough"));
  };
  const { signal } = aborter;
  await assert.rejects(resolveRoot("docker:app", { onProgress, signal }), { message: "enough" });
  assert.deepEqual([...Deno.readDirSync(`${folder}/containers`)], []);
  const left = [...Deno.readDirSync(imagesDir())].filter(({ name }) =>
    !/^\.(lock|known)/.test(name)
  );
  assert.deepEqual(left, []);
});

rootTest(
  "a word that is nothing is refused in one line, with the names that are near",
  async (folder) => {
    const from = tarIn(folder);
    await prepareImage({ from, name: "mypy" });
    const refused = (root: string, message: RegExp) =>
      assert.rejects(resolveRoot(root), (error: Error) => {
        assert.equal(error.name, "UsageError");
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    await refused(
      "mypi",
      /^cannot use "mypi" as the root: .*\(did you mean mypy\?\): execvm image/,
    );
    await refused("my", /\(did you mean mypy\?\)/);
    await refused("other", /^(?!.*did you mean).*execvm image prepare --name makes one$/);
    await refused("python:3.12", /as a source it is docker:python:3.12 or oci:\/\/python:3.12/);
  },
);

rootTest("an image that was removed is named, with what to do", async (folder) => {
  const { path, key } = await prepareImage({ from: tarIn(folder) });
  removeImage(key);
  await assert.rejects(resolveRoot(path), {
    message: `cannot use the image ${key.slice(0, 12)} as the root: ` +
      "the cache no longer has it: prepare it again",
  });
});

rootTest("an image of the cache is not written to", async (folder) => {
  const { path } = await prepareImage({ from: tarIn(folder), name: "py" });
  for (const root of ["py", path, `${folder}/root.tar`]) {
    await assert.rejects(resolveRoot(root, { write: true }), /images of the cache are read-only/);
  }
});

Deno.test("a Debian of another architecture is refused", async () => {
  const arch = Deno.build.arch === "x86_64" ? "aarch64" : "x86_64";
  await assert.rejects(
    resolveRoot("debian:bookworm", { arch }),
    new RegExp(`^UsageError: cannot use debian:bookworm on ${arch}: `),
  );
});
