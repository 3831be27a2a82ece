import assert from "node:assert/strict";
import {
  bytes,
  CommandError,
  docker,
  dockerBuild,
  type DockerBuildOptions,
  fromJSON,
  RunnerError,
  stream,
  tar,
  voidRunner,
} from "../../../mod.ts";
import { buildArgv } from "../../../src/runners/docker/build_argv.ts";
import { DOCKER, dockerSays, IMAGE, startEngine } from "../../support/docker.ts";
import { eventually } from "../../support/eventually.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { needs } from "../../support/tools.ts";

await startEngine();

/** What works on all test machines: only the legacy builder, and no network. */
const OPTIONS: DockerBuildOptions = { buildkit: false, network: "none" };

/** Returns a context with this Dockerfile. */
function context(dockerfile: string): { readonly path: string } & Disposable {
  const folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/Dockerfile`, dockerfile);
  Deno.writeTextFileSync(`${folder.path}/words`, "from the context\n");
  return folder;
}

Deno.test("dockerBuild() is data: its options survive JSON", () => {
  const options = { tag: "a:b", file: "d", target: "t", args: { A: "b c" }, buildkit: true };
  const pipeline = tar("x").pipe(dockerBuild(options));
  assert.deepEqual(pipeline.toJSON(), {
    type: "tar",
    files: ["x"],
    output: { type: "dockerBuild", ...options },
  });
  assert.deepEqual(fromJSON(pipeline.toJSON()).toJSON(), pipeline.toJSON());
  assert.throws(() => fromJSON({ type: "dockerBuild", tga: "x" }), { name: "PlanError" });
});

Deno.test("dockerBuild() refuses unknown options", () => {
  assert.throws(() => dockerBuild({ tag: "" }), TypeError);
  assert.throws(() => dockerBuild({ args: { A: 1 } } as unknown as DockerBuildOptions), TypeError);
  assert.throws(() => dockerBuild({ tga: "x" } as DockerBuildOptions), TypeError);
});

Deno.test("each option becomes one of docker build", () => {
  const node = {
    ...{ type: "dockerBuild", binary: "podman", tag: "t", file: "f", target: "s" } as const,
    ...{ args: { A: "b c", E: "" }, network: "none", platform: "linux/amd64" },
  };
  assert.deepEqual(buildArgv(node, "ID"), [
    ...["podman", "build", "--iidfile", "ID", "--force-rm", "--tag", "t", "--file", "f"],
    ...["--target", "s", "--build-arg", "A=b c", "--build-arg", "E="],
    ...["--network", "none", "--platform", "linux/amd64", "-"],
  ]);
});

Deno.test({
  ...needs("tar | dockerBuild returns the id of an image, on a runner that runs nothing", DOCKER),
  async fn() {
    using folder = context(
      `FROM ${IMAGE} AS first\nARG WHO\nCOPY words /words\nRUN echo "$WHO" >/who\nFROM first AS second\nRUN exit 1\n`,
    );
    const build = dockerBuild({
      ...OPTIONS,
      tag: "execvm-built",
      target: "first",
      args: { WHO: "me" },
    });
    const id = await tar(".", { directory: folder.path }).pipe(build).text({
      runner: voidRunner(),
    });
    assert.match(id, /^sha256:[0-9a-f]{64}$/);
    for (const image of [id, "execvm-built"]) {
      const seen = await docker({ image }).cmd("cat", "/words", "/who").text();
      assert.equal(seen, "from the context\nme");
    }
  },
});

Deno.test({
  ...needs("a build that fails is a CommandError with its last lines, and leaves nothing", DOCKER),
  async fn() {
    using folder = context(`FROM ${IMAGE}\nRUN echo the reason >&2; exit 3\n`);
    const build = tar(".", { directory: folder.path }).pipe(dockerBuild(OPTIONS)).run();
    await assert.rejects(build, (error) => {
      assert.ok(error instanceof CommandError);
      assert.equal(error.code, 1);
      assert.match(error.message, /^"dockerBuild" exited with code 1:\n[^]*the reason[^]*code: 3/);
      return true;
    });
    assert.equal(await dockerSays("ps", "-aq"), "");
  },
});

Deno.test({
  ...needs("a context that is not an archive makes the build fail", DOCKER),
  async fn() {
    const noise = bytes(new Uint8Array(1 << 20).fill(7));
    await assert.rejects(noise.pipe(dockerBuild(OPTIONS)).run(), CommandError);
  },
});

Deno.test("a missing builder is an error of the machinery", async () => {
  const build = tar("mod.ts").pipe(dockerBuild({ binary: "/no/such/docker" })).run();
  await assert.rejects(build, (error) => {
    assert.ok(error instanceof RunnerError);
    assert.deepEqual([error.runner, error.phase, error.argv[0]], [
      "docker",
      "start",
      "/no/such/docker",
    ]);
    return true;
  });
});

Deno.test({
  ...needs("an abort ends a build, and its container", DOCKER),
  async fn() {
    using folder = context(`FROM ${IMAGE}\nRUN sleep 1000\n`);
    const aborter = new AbortController();
    const build = tar(".", { directory: folder.path }).pipe(dockerBuild(OPTIONS));
    const run = build.to(stream(new WritableStream())).run({ signal: aborter.signal });
    const containers = () => dockerSays("ps", "-q");
    await eventually(containers, (found) => found !== "", 20_000);
    aborter.abort();
    await assert.rejects(run, { name: "AbortError" });
    await eventually(containers, (found) => found === "", 5000);
  },
});
