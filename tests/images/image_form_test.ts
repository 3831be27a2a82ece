// Distinguishing images from roots by their files.

import assert from "node:assert/strict";
import { openSource } from "../../src/images/open_source.ts";
import { needs } from "../support/tools.ts";
import { listTar, rawTar, tempDir } from "./fixture.ts";
import {
  dirFiles,
  type Files,
  filesTar,
  IMAGE_CONFIG,
  json,
  layoutFiles,
  makeImage,
  makeIndex,
  OTHER_ARCHITECTURE,
  ROOT_LINES,
  savedFiles,
  writeFiles,
} from "./oci_fixture.ts";

const HOST = IMAGE_CONFIG.architecture;
const IMAGE = makeImage();
const LAYOUT = layoutFiles(IMAGE.blobs, IMAGE.manifest);
const DIR = dirFiles(IMAGE.blobs, IMAGE.manifest);
const SAVED = savedFiles(IMAGE, "app:v1");

function dirIndex(): Files {
  const other = makeImage({ architecture: OTHER_ARCHITECTURE });
  const { index, blobs } = makeIndex([[OTHER_ARCHITECTURE, other], [HOST, IMAGE]]);
  return dirFiles(blobs, index, other.manifest, IMAGE.manifest);
}

function without(files: Files, ...names: string[]): Files {
  return new Map([...files].filter(([name]) => !names.includes(name)));
}

const FORMS: Readonly<Record<string, Files>> = {
  "a layout": LAYOUT,
  "a layout without its marker": without(LAYOUT, "oci-layout"),
  "a layout with other files": new Map([...LAYOUT, ["README", json("hi")]]),
  "a docker-dir": DIR,
  "a docker-dir without its version": without(DIR, "version"),
  "a docker-dir of several platforms": dirIndex(),
  "an archive of docker save": SAVED,
};

for (const [what, files] of Object.entries(FORMS)) {
  Deno.test({
    ...needs(`${what} is an image, as a folder and as a tar`, "zstd"),
    async fn() {
      using folder = tempDir();
      writeFiles(`${folder.path}/folder`, files);
      Deno.writeFileSync(`${folder.path}/tar`, filesTar(files));
      for (const name of ["folder", "tar"]) {
        await using source = await openSource(`${folder.path}/${name}`);
        assert.deepEqual(source.config, IMAGE_CONFIG);
        assert.ok(source.root.kind === "tar");
        assert.deepEqual(await listTar(source.root.open()), ROOT_LINES);
      }
    },
  });
}

Deno.test("the same image has the same identity in a layout and a docker-dir", async () => {
  using folder = tempDir();
  writeFiles(`${folder.path}/layout`, LAYOUT);
  writeFiles(`${folder.path}/dir`, DIR);
  await using layout = await openSource(`${folder.path}/layout`);
  await using dir = await openSource(`${folder.path}/dir`);
  assert.equal(layout.identity, dir.identity);
});

const EMPTY = new Uint8Array();
const OLD = "1".repeat(64);
const REFUSED: readonly [what: string, names: Record<string, Uint8Array>, RegExp][] = [
  [
    "a docker-dir of an interrupted copy",
    { version: new TextEncoder().encode("Directory Transport Version: 1.1\n") },
    /has a version, but no manifest\.json$/,
  ],
  [
    "a layout without an index",
    { "oci-layout": json({}) },
    /has an oci-layout, but no index\.json$/,
  ],
  [
    "only blobs",
    { [`blobs/sha256/${OLD}`]: EMPTY },
    /has blobs of images, but no index\.json/,
  ],
  [
    "an archive of a Docker before 1.10",
    { repositories: json({ app: { v1: OLD } }), [`${OLD}/layer.tar`]: EMPTY },
    /saved by a Docker before 1\.10: load it into a newer one/,
  ],
  [
    "the storage of podman",
    { "overlay-images/images.json": EMPTY, "overlay-layers/layers.json": EMPTY },
    /podman and buildah keep images: take one out with podman save --format oci-dir/,
  ],
  [
    "the storage of Docker",
    { "image/overlay2/x": EMPTY, "containers/x": EMPTY, "buildkit/x": EMPTY },
    /Docker keeps images: docker:NAME takes one$/,
  ],
  [
    "the storage of containerd",
    { "io.containerd.content.v1.content/blobs/sha256/x": EMPTY },
    /containerd keeps images: take one out with ctr images export/,
  ],
  [
    "a bundle",
    { "config.json": json({ ociVersion: "1.0.0" }), "rootfs/bin/sh": EMPTY },
    /the bundle of a container: use its folder rootfs$/,
  ],
];

for (const [what, files, message] of REFUSED) {
  Deno.test(`${what} is described in the error, and not a root`, async () => {
    using folder = tempDir();
    writeFiles(folder.path, new Map(Object.entries(files)));
    await assert.rejects(openSource(folder.path), { message });
  });
}

Deno.test("an incomplete docker-dir is not a root", async () => {
  using folder = tempDir();
  const hex = IMAGE.config.digest.slice("sha256:".length);
  writeFiles(folder.path, without(DIR, hex));
  await assert.rejects(openSource(folder.path), {
    message: /cannot read sha256.*: cannot open ".*there is no such file/,
  });
});

Deno.test("a root may have files of such names", async () => {
  using folder = tempDir();
  const files: Record<string, Uint8Array> = {
    "manifest.json": json({ manifest_version: 3 }),
    "index.json": json({ manifests: [] }),
    "config.json": json({}),
    "version": json("12"),
    "repositories": json({}),
    "rootfs": EMPTY,
  };
  writeFiles(`${folder.path}/folder`, new Map(Object.entries(files)));
  const entries = Object.entries(files).map(([name, data]) => ({ name, data }));
  Deno.writeFileSync(`${folder.path}/tar`, rawTar(...entries));
  for (const name of ["folder", "tar"]) {
    await using source = await openSource(`${folder.path}/${name}`);
    assert.equal(source.config, undefined);
    assert.ok(source.root.kind === "tar");
    assert.equal((await listTar(source.root.open())).length, entries.length + 1);
  }
});
