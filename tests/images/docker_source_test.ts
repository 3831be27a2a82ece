import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openSource } from "../../src/images/open_source.ts";
import type { RootSource } from "../../src/images/root_source.ts";
import { listTar, rawTar, tempDir } from "./fixture.ts";
import { IMAGE_CONFIG, json, OTHER_ARCHITECTURE, RUN_CONFIG } from "./oci_fixture.ts";

const PROGRAM = fileURLToPath(new URL("../fixtures/fake_docker", import.meta.url));
const ID = `sha256:${"ab".repeat(32)}`;

/** A fake docker program, see fixtures/fake_docker. */
interface FakeDocker extends Disposable {
  readonly docker: string;
  calls(): string[];
  containers(): string[];
  touch(name: string): void;
}

function fakeDocker(architecture = IMAGE_CONFIG.architecture, id = ID): FakeDocker {
  const folder = tempDir();
  const path = (name: string) => `${folder.path}/${name}`;
  Deno.mkdirSync(path("containers"));
  const image = { Id: id, Os: "linux", Architecture: architecture, Config: RUN_CONFIG };
  Deno.writeFileSync(path("inspected.json"), json([image]));
  const big = "x".repeat(100_000);
  Deno.writeFileSync(
    path("root.tar"),
    rawTar({ name: "etc/name", data: "a" }, { name: "big", data: big }),
  );
  const script = `#!/bin/sh\nexport FAKE_DOCKER='${folder.path}'\nexec '${PROGRAM}' "$@"\n`;
  Deno.writeTextFileSync(path("docker"), script, { mode: 0o755 });
  return {
    docker: path("docker"),
    calls: () => Deno.readTextFileSync(path("calls")).trimEnd().split("\n"),
    containers: () => [...Deno.readDirSync(path("containers"))].map(({ name }) => name),
    touch: (name) => Deno.writeTextFileSync(path(name), ""),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

function tarOf({ root }: RootSource): ReadableStream<Uint8Array> {
  assert.ok(root.kind === "tar");
  return root.open();
}

Deno.test("docker: exports a container that is made for it and removed", async () => {
  using fake = fakeDocker();
  fake.touch("present");
  await using source = await openSource("docker:app:1", { docker: fake.docker });
  assert.deepEqual(source.config, IMAGE_CONFIG);
  assert.match(source.identity, /^[0-9a-f]{64}$/);
  assert.deepEqual(fake.calls(), ["image inspect -- app:1"]);
  assert.equal((await listTar(tarOf(source)))[0], "etc/name | file 644 0:0 | a");
  const [, create, export_, remove] = fake.calls();
  const name = /^create --pull=never --name=(execvm-image-\S+) sha256:(?:ab){32} \/execvm$/
    .exec(create!)?.[1];
  assert.ok(name, create);
  assert.deepEqual([export_, remove], [`export ${name}`, `rm --force --volumes ${name}`]);
  assert.deepEqual(fake.containers(), []);
});

Deno.test("docker: pulls a missing image", async () => {
  using fake = fakeDocker();
  await using _source = await openSource("docker:app:1", { docker: fake.docker });
  const inspect = "image inspect -- app:1";
  assert.deepEqual(fake.calls(), [inspect, "pull --quiet -- app:1", inspect]);
});

Deno.test("docker: may be podman, whose ids are only hex digits", async () => {
  using fake = fakeDocker(undefined, ID.slice("sha256:".length));
  fake.touch("podman");
  await using source = await openSource("docker:app:1", { docker: fake.docker });
  const inspect = "image inspect -- app:1";
  assert.deepEqual(fake.calls(), [inspect, "pull --quiet -- app:1", inspect]);
  assert.equal((await listTar(tarOf(source)))[0], "etc/name | file 644 0:0 | a");
  using docker = fakeDocker();
  await using same = await openSource("docker:app:1", { docker: docker.docker });
  assert.equal(source.identity, same.identity);
});

Deno.test("docker: refuses an image for another processor, unless requested", async () => {
  using fake = fakeDocker(OTHER_ARCHITECTURE);
  fake.touch("present");
  const message = new RegExp(
    `^cannot make an image from docker:app: .*it is for linux/${OTHER_ARCHITECTURE}`,
  );
  await assert.rejects(openSource("docker:app", { docker: fake.docker }), { message });
  const platform = `linux/${OTHER_ARCHITECTURE}`;
  await using source = await openSource("docker:app", { docker: fake.docker, platform });
  assert.equal(source.config?.architecture, OTHER_ARCHITECTURE);
});

Deno.test("docker: removes the container when its stream is cancelled", async () => {
  using fake = fakeDocker();
  fake.touch("present");
  fake.touch("stuck");
  await using source = await openSource("docker:app", { docker: fake.docker });
  const reader = tarOf(source).getReader();
  await reader.read();
  assert.equal(fake.containers().length, 1);
  await reader.cancel();
  assert.deepEqual(fake.containers(), []);
});

Deno.test("docker: removes the container when the signal aborts it", async () => {
  using fake = fakeDocker();
  fake.touch("present");
  fake.touch("stuck");
  const aborter = new AbortController();
  const { signal } = aborter;
  await using source = await openSource("docker:app", { docker: fake.docker, signal });
  const reader = tarOf(source).getReader();
  await reader.read();
  const reason = new Error("enough");
  aborter.abort(reason);
  await assert.rejects(reader.read(), (error) => error === reason);
  assert.deepEqual(fake.containers(), []);
});

Deno.test("docker: removes the container when it cannot be exported", async () => {
  using fake = fakeDocker();
  fake.touch("present");
  fake.touch("broken");
  await using source = await openSource("docker:app", { docker: fake.docker });
  await assert.rejects(listTar(tarOf(source)), {
    message: /exited with code 1:\n.*no space left$/,
  });
  assert.deepEqual(fake.containers(), []);
});

Deno.test("docker: tells what to install when there is no such program", async () => {
  const message = /^cannot make an image from docker:app: there is no program \/nowhere\/docker: /;
  await assert.rejects(openSource("docker:app", { docker: "/nowhere/docker" }), { message });
});

Deno.test("docker: without a daemon suggests the registry, in one line", async () => {
  using folder = tempDir();
  const docker = `${folder.path}/docker`;
  const says =
    "Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?";
  Deno.writeTextFileSync(docker, `#!/bin/sh\necho '${says}' >&2; exit 1\n`, { mode: 0o755 });
  const open = (name: string) => openSource(`docker:${name}`, { docker });
  await assert.rejects(open("app:1"), {
    message: "cannot make an image from docker:app:1: Cannot connect to the Docker daemon at " +
      "unix:///x.sock: or take it from its registry, without a daemon: oci://app:1",
  });
  await assert.rejects(open("ab".repeat(6)), ({ message }: Error) => !message.includes("oci:"));
  await assert.rejects(
    openSource("docker:app", { docker: "execvm-no-docker" }),
    /there is no program execvm-no-docker.*oci:\/\/app$/,
  );
});
