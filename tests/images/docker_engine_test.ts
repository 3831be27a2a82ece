// Images of a real Docker engine; docker_source_test.ts has the tests that need none.

import assert from "node:assert/strict";
import { openSource } from "../../src/images/open_source.ts";
import { DOCKER, startEngine } from "../support/docker.ts";
import { needs } from "../support/tools.ts";
import { listTar, tempDir, tool } from "./fixture.ts";
import { filesTar, IMAGE_CONFIG, makeImage, ROOT_LINES, savedFiles } from "./oci_fixture.ts";

/**
 * What Docker adds to each container (moby, daemon/initlayer/setup_unix.go), and its working
 * directory.
 */
const OF_DOCKER =
  /^(\.dockerenv|(dev|proc|sys|srv)\/.*|etc\/(hosts|hostname|resolv\.conf|mtab)) \|/;

await startEngine();

Deno.test({
  ...needs("docker: and docker save return the root of an image that was loaded", DOCKER),
  async fn() {
    using folder = tempDir();
    const image = makeImage({ compression: "gzip" }); // engines before 23 do not support zstd
    const name = `execvm-test-${crypto.randomUUID()}:v1`;
    Deno.writeFileSync(`${folder.path}/image.tar`, filesTar(savedFiles(image, name)));
    await tool(["docker", "load", "--quiet", "--input", `${folder.path}/image.tar`]);
    try {
      await using source = await openSource(`docker:${name}`);
      assert.deepEqual(source.config, IMAGE_CONFIG);
      assert.ok(source.root.kind === "tar");
      const lines = (await listTar(source.root.open())).filter((line) => !OF_DOCKER.test(line));
      // Docker decides which of two names of a file comes first; here each file has one.
      assert.deepEqual(lines.toSorted(), ROOT_LINES.slice(1).toSorted());
      const saved = `${folder.path}/saved.tar`;
      await tool(["docker", "save", "--output", saved, name]);
      await using again = await openSource(saved);
      assert.deepEqual(again.config, IMAGE_CONFIG);
      assert.ok(again.root.kind === "tar");
      assert.deepEqual(await listTar(again.root.open()), ROOT_LINES);
      const left = await tool([
        "docker",
        "ps",
        "--all",
        "--quiet",
        "--filter",
        "name=execvm-image-",
      ]);
      assert.equal(new TextDecoder().decode(left), "");
    } finally {
      await tool(["docker", "image", "rm", name]);
    }
  },
});
