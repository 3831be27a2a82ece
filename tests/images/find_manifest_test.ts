// Choosing an image from indexes, and recognizing what is not an image.

import assert from "node:assert/strict";
import { openSource } from "../../src/images/open_source.ts";
import type { SourceOptions } from "../../src/images/root_source.ts";
import { tempDir } from "./fixture.ts";
import {
  IMAGE_CONFIG,
  layoutFiles,
  makeImage,
  OCI,
  OTHER_ARCHITECTURE,
  putDocument,
  type TestDescriptor,
  writeFiles,
} from "./oci_fixture.ts";

const HOST = IMAGE_CONFIG.architecture;
const [OURS, OTHER] = [makeImage(), makeImage({ architecture: OTHER_ARCHITECTURE })];
const INDEX = `${OCI}.index.v1+json`;
const MANIFEST = `${OCI}.manifest.v1+json`;

/** The architecture of the image that is chosen from a layout. */
async function taken(
  blobs: ReadonlyMap<string, Uint8Array>,
  roots: readonly TestDescriptor[],
  options: SourceOptions = {},
): Promise<string | undefined> {
  using folder = tempDir();
  writeFiles(folder.path, layoutFiles(blobs, ...roots));
  await using source = await openSource(folder.path, options);
  return source.config?.architecture;
}

function allBlobs(): Map<string, Uint8Array> {
  return new Map([...OURS.blobs, ...OTHER.blobs]);
}

function indexOf(
  blobs: Map<string, Uint8Array>,
  ...manifests: readonly (TestDescriptor & { artifactType?: string })[]
): TestDescriptor {
  return putDocument(blobs, INDEX, { schemaVersion: 2, mediaType: INDEX, manifests });
}

const forPlatform = (descriptor: TestDescriptor, architecture: string): TestDescriptor => {
  return { ...descriptor, platform: { os: "linux", architecture } };
};

Deno.test("an index in an index is searched, with or without a platform", async () => {
  const blobs = allBlobs();
  const inner = indexOf(blobs, forPlatform(OURS.manifest, HOST));
  const unsaid = indexOf(blobs, forPlatform(OTHER.manifest, OTHER_ARCHITECTURE), inner);
  const said = indexOf(
    blobs,
    forPlatform(indexOf(blobs, OTHER.manifest), OTHER_ARCHITECTURE),
    forPlatform(indexOf(blobs, OURS.manifest), HOST),
  );
  for (const root of [unsaid, said, indexOf(blobs, indexOf(blobs, said))]) {
    assert.equal(await taken(blobs, [root]), HOST);
    const platform = `linux/${OTHER_ARCHITECTURE}`;
    assert.equal(await taken(blobs, [root], { platform }), OTHER_ARCHITECTURE);
  }
});

Deno.test("images without a platform in the index are chosen by their configuration", async () => {
  const blobs = allBlobs();
  const index = indexOf(blobs, OTHER.manifest, OURS.manifest);
  assert.equal(await taken(blobs, [index]), HOST);
  assert.equal(await taken(blobs, [OTHER.manifest, OURS.manifest]), HOST);
  await assert.rejects(taken(blobs, [index], { platform: "linux/s390x" }), {
    message: new RegExp(
      `none for linux/s390x: there are linux/${OTHER_ARCHITECTURE}, linux/${HOST}$`,
    ),
  });
});

Deno.test("of several indistinguishable images none is chosen, unless named by its digest", async () => {
  const two = makeImage({ tars: OURS.tars.slice(0, 1) });
  const blobs = new Map([...OURS.blobs, ...two.blobs]);
  const roots = [OURS.manifest, two.manifest];
  await assert.rejects(taken(blobs, roots), {
    message: new RegExp(`several for linux/${HOST}: ${roots[0]!.digest}, ${roots[1]!.digest}$`),
  });
  assert.equal(await taken(blobs, roots, { reference: two.manifest.digest }), HOST);
});

Deno.test("attachments of an image, and unknown types, are skipped", async () => {
  const blobs = allBlobs();
  const blob = putDocument(blobs, "application/x-unknown", ["not even an object"]);
  const attestation = { ...OTHER.manifest, annotations: { "vnd.docker.reference.type": "x" } };
  const signature = { ...OTHER.manifest, artifactType: "application/x-signature" };
  const unsaid = artifact(blobs, "application/vnd.cncf.helm.config.v1+json");
  const index = indexOf(blobs, blob, attestation, signature, unsaid, OURS.manifest);
  assert.equal(await taken(blobs, [index]), HOST);
});

Deno.test("indexes that are too deep or too many are refused", async () => {
  const blobs = allBlobs();
  let deep = OURS.manifest;
  for (let depth = 0; depth < 6; depth++) deep = indexOf(blobs, deep);
  await assert.rejects(taken(blobs, [deep]), { message: /indexes are at most 4 deep$/ });
  const many = Array.from(
    { length: 70 },
    (_, id) => putDocument(blobs, INDEX, { schemaVersion: 2, manifests: [], annotations: { id } }),
  );
  await assert.rejects(taken(blobs, [indexOf(blobs, ...many)]), {
    message: /more than 64 indexes or images$/,
  });
});

/** The manifest of something that is not an image. */
function artifact(
  blobs: Map<string, Uint8Array>,
  configType: string,
  layerType?: string,
  artifactType?: string,
): TestDescriptor {
  const config = putDocument(blobs, configType, {});
  const layers = layerType === undefined ? [] : [putDocument(blobs, layerType, { of: layerType })];
  const document = { schemaVersion: 2, mediaType: MANIFEST, config, layers };
  return putDocument(blobs, MANIFEST, { ...document, ...artifactType && { artifactType } });
}

const IMAGE_TYPE = `${OCI}.config.v1+json`;
const EMPTY_TYPE = "application/vnd.oci.empty.v1+json";
const ARTIFACTS: readonly [config: string, layer: string, artifact: string | undefined, RegExp][] =
  [
    [
      "application/vnd.cncf.helm.config.v1+json",
      "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
      undefined,
      /it is a Helm chart \(application\/vnd\.cncf\.helm\.config\.v1\+json\), not an image with a root$/,
    ],
    [
      IMAGE_TYPE,
      "application/vnd.dev.cosign.simplesigning.v1+json",
      undefined,
      /it is a signature of cosign \(/,
    ],
    [IMAGE_TYPE, "application/vnd.in-toto+json", undefined, /it is an attestation \(/],
    [IMAGE_TYPE, "application/vnd.dsse.envelope.v1+json", undefined, /it is an attestation \(/],
    [EMPTY_TYPE, "application/spdx+json", undefined, /it is a list of contents \(SBOM\) \(/],
    [
      EMPTY_TYPE,
      "text/plain",
      "application/x-thing",
      /it is an OCI artifact \(application\/x-thing\), not an image/,
    ],
    [
      "application/vnd.wasm.config.v0+json",
      "application/wasm",
      undefined,
      /a WebAssembly module \(/,
    ],
    [
      "application/vnd.buildkit.cacheconfig.v0",
      `${OCI}.layer.v1.tar+gzip`,
      undefined,
      /a build cache of BuildKit/,
    ],
  ];

Deno.test("an OCI artifact is described in the error", async () => {
  for (const [config, layer, type, message] of ARTIFACTS) {
    const blobs = new Map<string, Uint8Array>();
    const manifest = artifact(blobs, config, layer, type);
    await assert.rejects(taken(blobs, [manifest]), { message }, layer);
    await assert.rejects(taken(blobs, [indexOf(blobs, manifest)]), { message }, layer);
  }
});

Deno.test("obsolete manifests are described in the error", async () => {
  const blobs = new Map<string, Uint8Array>();
  const old = putDocument(blobs, "application/vnd.oci.artifact.manifest.v1+json", {
    mediaType: "application/vnd.oci.artifact.manifest.v1+json",
    artifactType: "application/x-old",
    blobs: [],
  });
  const schema1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
  const docker = putDocument(blobs, schema1, { schemaVersion: 1, fsLayers: [] });
  await assert.rejects(taken(blobs, [old]), { message: /OCI artifact \(application\/x-old\)/ });
  await assert.rejects(taken(blobs, [docker]), {
    message: /Docker's schema 1, .*: push the image/,
  });
});

Deno.test("an image is accepted with the configuration types of old registries", async () => {
  const blobs = new Map(OURS.blobs);
  const { config, layers } = JSON.parse(
    new TextDecoder().decode(blobs.get(OURS.manifest.digest)),
  );
  const mediaType = "application/octet-stream";
  const manifest = { schemaVersion: 2, config: { ...config, mediaType }, layers };
  assert.equal(await taken(blobs, [putDocument(blobs, MANIFEST, manifest)]), HOST);
});
