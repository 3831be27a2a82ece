// Images that other tools write and serve.

import assert from "node:assert/strict";
import { openSource } from "../../src/images/open_source.ts";
import type { RootSource } from "../../src/images/root_source.ts";
import { downloadPackage, findPackage } from "../../src/kernels/apt.ts";
import { ownCache } from "../kernels/fixture.ts";
import { isInstalled, needs } from "../support/tools.ts";
import { listTar, tempDir, tool } from "./fixture.ts";
import { IMAGE_CONFIG, layoutFiles, makeImage, ROOT_LINES, writeFiles } from "./oci_fixture.ts";

const IMAGE = makeImage({ compression: "gzip" });

async function assertImage(source: RootSource): Promise<void> {
  assert.deepEqual(source.config, IMAGE_CONFIG);
  assert.ok(source.root.kind === "tar");
  assert.deepEqual(await listTar(source.root.open()), ROOT_LINES);
}

/** A layout with one image, for skopeo to copy. */
function writeLayout(folder: string): string {
  const annotations = { "org.opencontainers.image.ref.name": "v1" };
  writeFiles(folder, layoutFiles(IMAGE.blobs, { ...IMAGE.manifest, annotations }));
  return `oci:${folder}:v1`;
}

Deno.test({
  ...needs("archives and layouts that skopeo writes are read", "skopeo"),
  async fn() {
    using folder = tempDir();
    const from = writeLayout(`${folder.path}/layout`);
    const identities: string[] = [];
    for (const form of ["oci", "oci-archive", "docker-archive"]) {
      const path = `${folder.path}/${form}`;
      await tool(["skopeo", "copy", "--quiet", from, `${form}:${path}:app:v1`]);
      await using source = await openSource(path, { reference: "app:v1" });
      await assertImage(source);
      identities.push(source.identity);
    }
    assert.equal(identities[0], identities[1]);
    // The folder of the dir transport has no names.
    for (const format of ["oci", "v2s2"]) {
      const path = `${folder.path}/dir-${format}`;
      await tool(["skopeo", "copy", "--quiet", `--format=${format}`, from, `dir:${path}`]);
      await using source = await openSource(path);
      await assertImage(source);
    }
  },
});

/** The program of Docker's registry; the package is not installed, as it would start a server. */
async function findRegistry(folder: string): Promise<string> {
  if (isInstalled("docker-registry")) return "docker-registry";
  const wanted = await findPackage("docker-registry");
  assert.ok(wanted, "apt knows no docker-registry: run apt-get update");
  const archive = await downloadPackage(wanted, folder);
  await tool(["dpkg-deb", "--extract", archive, `${folder}/registry`]);
  return `${folder}/registry/usr/bin/docker-registry`;
}

/** Docker's registry on the loopback interface; its log has the port. */
async function serveDockerRegistry(
  folder: string,
): Promise<{ readonly host: string } & AsyncDisposable> {
  const config = { version: "0.1", storage: { inmemory: {} }, http: { addr: "127.0.0.1:0" } };
  Deno.writeTextFileSync(`${folder}/config.yml`, JSON.stringify(config)); // JSON is also YAML
  const child = new Deno.Command(await findRegistry(folder), {
    args: ["serve", `${folder}/config.yml`],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const found = Promise.withResolvers<string>();
  const drained = findHost(child.stderr, found);
  return {
    host: await found.promise,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await Promise.all([child.status, drained]);
    },
  };
}

/** Reads the log to its end, and returns where the registry listens. */
async function findHost(
  log: ReadableStream<Uint8Array>,
  found: PromiseWithResolvers<string>,
): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of log) {
    text += decoder.decode(chunk, { stream: true });
    const host = /listening on (127\.0\.0\.1:\d+)/.exec(text)?.[1];
    if (host !== undefined) found.resolve(host);
  }
  found.reject(new Error(`docker-registry ended:\n${text}`));
}

Deno.test({
  ...needs("an image is pulled from Docker's registry", "skopeo", "apt-get"),
  async fn() {
    using folder = tempDir();
    const from = writeLayout(`${folder.path}/layout`);
    await using registry = await serveDockerRegistry(folder.path);
    for (const format of ["oci", "v2s2"]) {
      using _cache = ownCache();
      const to = `docker://${registry.host}/team/app:${format}`;
      const flags = ["--quiet", "--dest-tls-verify=false", `--format=${format}`];
      await tool(["skopeo", "copy", ...flags, from, to]);
      await using source = await openSource(to);
      await assertImage(source);
    }
    using _cache = ownCache();
    await assert.rejects(openSource(`oci://${registry.host}/team/app:none`), {
      message: /has no 127.*\/team\/app:none \(it says: manifest unknown\)$/,
    });
  },
});
