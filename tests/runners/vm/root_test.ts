// The root of vm(): its forms in TypeScript, in JSON and in a plan, which prepares nothing.

import "../../support/test_cache.ts";
import assert from "node:assert/strict";
import { cmd, fromJSON, type Image, type RunEvent, RunnerError, vm } from "../../../mod.ts";
import { execvm } from "../../support/cli.ts";
import { fakeDocker } from "../../support/fake_docker.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { templateCache } from "../../support/template_cache.ts";
import { needs } from "../../support/tools.ts";

const IMAGE: Image = {
  key: "ab".repeat(32),
  path: "/cache/images/x/root.squashfs",
  format: "squashfs",
  manifest: "/cache/images/x/root.squashfs.manifest.jsonl",
  from: "debian:bookworm",
  bytes: 1,
  entries: 1,
  createdMs: 1,
};

Deno.test("vm() takes a prepared image as its root, which is a path in JSON", () => {
  const pipeline = vm({ root: IMAGE }).cmd("true");
  const json = JSON.parse(JSON.stringify(pipeline));
  assert.deepEqual(json.runner, { type: "vm", root: IMAGE.path });
  assert.deepEqual(fromJSON(json).toJSON(), pipeline.toJSON());
});

Deno.test("a source as a root stays as it is in JSON", () => {
  const json = {
    type: "command",
    args: ["true"],
    env: {},
    runner: { type: "vm", root: "oci://x" },
  };
  assert.deepEqual(fromJSON(json).toJSON(), json);
});

Deno.test("a plan with a source as a root prepares nothing", async () => {
  const runner = { type: "vm", root: "debian:bookworm" };
  const pipeline = JSON.stringify({ type: "command", args: ["true"], env: {}, runner });
  using cache = tempDir();
  const env = { EXECVM_CACHE: cache.path };
  const { code, stdout } = await execvm(["plan", "-"], { stdin: pipeline, env });
  assert.equal(code, 0);
  assert.match(stdout, /file\.filename=debian:bookworm/);
  assert.deepEqual([...Deno.readDirSync(cache.path)], []);
});

for (const root of ["", "a\0b", 1, {}, { key: "x" }, []] as unknown[]) {
  Deno.test(`vm() rejects the root ${JSON.stringify(root)}`, () => {
    assert.throws(() => vm({ root: root as string }), {
      name: "TypeError",
      message: `cannot use ${JSON.stringify(root)} as the root: ` +
        "it must be an image, its name or key, a path, or a source such as debian:bookworm",
    });
  });
}

Deno.test("vm() does not write to a prepared image", () => {
  assert.throws(() => vm({ root: IMAGE, rootWrite: true }), /images of the cache are read-only/);
});

Deno.test("a root that is nothing is a failure of the runner, in one line", async () => {
  await assert.rejects(cmd("true").on(vm({ root: "no-such-image" })).run(), (error) => {
    assert.ok(error instanceof RunnerError);
    assert.match(error.message, /^cannot use "no-such-image" as the root: [^\n]*$/);
    return true;
  });
});

Deno.test({
  ...needs(
    "preparing a root is a phase of its command, which ends it when it is killed",
    "sqfstar",
  ),
  async fn() {
    using _cache = templateCache();
    using folder = tempDir();
    using _docker = fakeDocker(folder.path, true);
    const aborter = new AbortController();
    const phases: string[] = [];
    const onEvent = (event: RunEvent) => {
      if (event.type !== "phase") return;
      phases.push(`${event.phase}: ${event.detail}`);
      if (event.detail === "packing the image") aborter.abort(new Error("enough"));
    };
    const command = vm({ root: "docker:app" }).cmd("true");
    await assert.rejects(command.run({ onEvent, signal: aborter.signal }), /enough/);
    assert.equal(phases.at(-1), "preparing: packing the image");
    assert.deepEqual([...Deno.readDirSync(`${folder.path}/containers`)], []);
  },
});
