import assert from "node:assert/strict";
import type { Artifact } from "../../src/workspace/artifact.ts";
import { artifactArchive } from "../../src/workspace/artifact_archive.ts";
import { extractChanges } from "../../src/workspace/extract_changes.ts";
import { workspaceChanges } from "../../src/workspace/workspace_changes.ts";
import { collect, makeTree, snapshot, tool } from "../archive/fixture.ts";
import { pullStream } from "../../src/archive/pull_stream.ts";
import { needs } from "../support/tools.ts";
import { tempDir } from "../support/temp_dir.ts";
import { makeWorkspace } from "./fixture.ts";

/** Lines of a file with this many pieces, each after a hole. */
function scatter(path: string, pieces: number): void {
  using file = Deno.createSync(path);
  for (let piece = 0; piece < pieces; piece++) {
    file.seekSync((piece + 1) * 100_000, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(900).fill(piece + 1));
  }
  file.truncateSync((pieces + 1) * 100_000);
}

function fill(folder: string): void {
  makeTree(folder, {
    "d/file": "content",
    "d/large": new Uint8Array(3_000_000).fill(7),
    "empty": "",
    "none": { dir: true },
    "link": { link: "d/file" },
    [`${"long/".repeat(30)}name`]: "deep",
    "ünïcödé": "utf-8",
  });
  Deno.linkSync(`${folder}/d/file`, `${folder}/second`);
  Deno.chmodSync(`${folder}/d/file`, 0o750);
  Deno.chmodSync(`${folder}/none`, 0o700);
  scatter(`${folder}/scattered`, 40);
  Deno.utimeSync(`${folder}/d`, 1000, 1000);
}

Deno.test({
  ...needs("extractChanges() extracts the workspace byte for byte", "mke2fs"),
  async fn() {
    using dir = tempDir();
    let expected: string[] = [];
    const disk = await makeWorkspace(({ workspace }) => {
      fill(workspace);
      expected = snapshot(workspace);
    });
    const { artifacts } = await workspaceChanges(disk);
    const extraction = await extractChanges(disk, artifacts, `${dir.path}/out`);
    assert.deepEqual(extraction, { extracted: artifacts.length, leftOut: [] });
    assert.deepEqual(snapshot(`${dir.path}/out/workspace`), expected);
    assert.deepEqual([...Deno.readDirSync(dir.path)].map(({ name }) => name), ["out"]);
  },
});

Deno.test({
  ...needs("artifactArchive() makes a tar that GNU tar reads, holes and all", "mke2fs"),
  async fn() {
    using dir = tempDir();
    let expected: string[] = [];
    const disk = await makeWorkspace(({ workspace }) => {
      fill(workspace);
      expected = snapshot(workspace);
    });
    const { artifacts } = await workspaceChanges(disk);
    const onLeftOut = ({ path }: Artifact) => assert.fail(path);
    const archive = artifactArchive(disk, artifacts, { maxBytes: Infinity, onLeftOut });
    await tool(["tar", "-xpf", "-", "-C", dir.path], await collect(pullStream(archive)));
    assert.deepEqual(snapshot(`${dir.path}/workspace`), expected);
    const { blocks } = Deno.statSync(`${dir.path}/workspace/scattered`);
    assert.ok(blocks! * 512 < 1_000_000, `${blocks} blocks`);
  },
});

Deno.test({
  ...needs("a file of 1 TiB with one piece is extracted as one", "mke2fs"),
  async fn() {
    using dir = tempDir();
    const disk = await makeWorkspace(({ workspace }) => {
      using file = Deno.createSync(`${workspace}/huge`);
      file.seekSync(2 ** 39, Deno.SeekMode.Start);
      file.writeSync(new TextEncoder().encode("here"));
      file.truncateSync(2 ** 40);
    }, { options: ["-b", "4096"] });
    const { artifacts } = await workspaceChanges(disk);
    await extractChanges(disk, artifacts, `${dir.path}/out`, { maxBytes: 8192 });
    using file = Deno.openSync(`${dir.path}/out/workspace/huge`);
    assert.equal(file.statSync().size, 2 ** 40);
    file.seekSync(2 ** 39, Deno.SeekMode.Start);
    const bytes = new Uint8Array(4);
    file.readSync(bytes);
    assert.equal(new TextDecoder().decode(bytes), "here");
  },
});

Deno.test({
  ...needs("a file of many pieces is extracted in linear time", "mke2fs"),
  async fn() {
    using dir = tempDir();
    const disk = await makeWorkspace(
      ({ workspace }) => scatter(`${workspace}/scattered`, 4000),
      { mib: 64, options: ["-b", "1024"] },
    );
    const { artifacts } = await workspaceChanges(disk);
    await extractChanges(disk, artifacts, `${dir.path}/out`);
    const sum = await tool(["sha256sum", `${dir.path}/out/workspace/scattered`]);
    assert.equal(new TextDecoder().decode(sum.subarray(0, 64)), artifacts[0]!.sha256);
  },
});

Deno.test({
  ...needs("files that must not be on the host are left out and reported", "mke2fs", "debugfs"),
  async fn() {
    using dir = tempDir();
    const disk = await makeWorkspace(async ({ upper, workspace }) => {
      await tool(["sh", "-c", "printf x >\"$(printf 'a\\377')\""], undefined, workspace);
      makeTree(workspace, {
        "out": { link: "/etc" },
        "up": { link: "../../.." },
        "behind": { link: "in/../../x" },
        "in": { link: "kept" },
        "kept": "kept",
        "setuid": "",
      });
      Deno.chmodSync(`${workspace}/setuid`, 0o7755);
      makeTree(upper, { "etc/passwd": "guest" });
    }, {
      commands: [
        "cd /upper/workspace",
        "mknod null c 1 3",
        "mknod disk b 8 0",
        "mknod fifo p",
      ],
    });
    const { artifacts } = await workspaceChanges(disk);
    assert.equal(artifacts.find(({ path }) => path.endsWith("setuid"))!.mode, 0o7755);
    const { extracted, leftOut } = await extractChanges(disk, artifacts, `${dir.path}/out`);
    assert.deepEqual(leftOut, [
      { path: "/workspace/a\udcff", why: "it is not UTF-8" },
      { path: "/workspace/behind", why: 'its target "in/../../x" may lead out' },
      { path: "/workspace/disk", why: "it is a block-device" },
      { path: "/workspace/fifo", why: "it is a fifo" },
      { path: "/workspace/null", why: "it is a character-device" },
      { path: "/workspace/out", why: 'its target "/etc" may lead out' },
      { path: "/workspace/up", why: 'its target "../../.." may lead out' },
    ]);
    assert.equal(extracted, artifacts.length - leftOut.length);
    assert.deepEqual(
      snapshot(`${dir.path}/out`).map((line) => JSON.parse(line)[0]),
      ["etc", "etc/passwd", "workspace", "workspace/in", "workspace/kept", "workspace/setuid"],
    );
    assert.equal(Deno.statSync(`${dir.path}/out/workspace/setuid`).mode! & 0o7000, 0);
  },
});

Deno.test({
  ...needs("maxBytes limits the extracted bytes", "mke2fs"),
  async fn() {
    using dir = tempDir();
    const disk = await makeWorkspace(({ workspace }) =>
      makeTree(workspace, { "a": "x".repeat(600), "b": "y".repeat(600), "c": "z" })
    );
    const { artifacts } = await workspaceChanges(disk);
    const { extracted, leftOut } = await extractChanges(disk, artifacts, `${dir.path}/out`, {
      maxBytes: 1000,
    });
    assert.equal(extracted, 2);
    assert.deepEqual(leftOut, [
      { path: "/workspace/b", why: "it exceeds the limit on extracted bytes" },
    ]);
  },
});

Deno.test({
  ...needs("paths too long for the host are left out, their parents are not", "mke2fs"),
  async fn() {
    using dir = tempDir();
    const disk = await makeWorkspace(({ workspace }) => {
      // A path that is too long for one call can be made step by step, as the guest would.
      const name = "n".repeat(250);
      const script = `for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do
        mkdir ${name}; cd -P ${name}; done; echo deep >file`;
      return tool(["sh", "-euc", script], undefined, workspace).then(() => {});
    });
    const { artifacts, truncated } = await workspaceChanges(disk);
    assert.equal(truncated, true);
    const { leftOut } = await extractChanges(disk, artifacts, `${dir.path}/out`);
    assert.ok(leftOut.every(({ why }) => why === "its path would be too long"));
    assert.ok(artifacts.length > 14 && leftOut.length < 3, `${artifacts.length}`);
  },
});

Deno.test({
  ...needs("an extraction that is aborted leaves nothing", "mke2fs"),
  async fn() {
    using dir = tempDir();
    const disk = await makeWorkspace(({ workspace }) => makeTree(workspace, { "a": "a" }));
    const { artifacts } = await workspaceChanges(disk);
    const signal = AbortSignal.abort(new Error("enough"));
    const extracting = extractChanges(disk, artifacts, `${dir.path}/out`, { signal });
    await assert.rejects(extracting, { message: "enough" });
    assert.deepEqual([...Deno.readDirSync(dir.path)], []);
  },
});
