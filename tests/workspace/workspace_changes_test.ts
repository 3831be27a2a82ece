import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Ext4Error } from "../../src/ext4/ext4_error.ts";
import { indexLower } from "../../src/workspace/index_lower.ts";
import { workspaceChanges } from "../../src/workspace/workspace_changes.ts";
import { makeTree } from "../archive/fixture.ts";
import { makeImage, open, placeOf } from "../ext4/fixture.ts";
import { needs } from "../support/tools.ts";
import { makeWorkspace, summary } from "./fixture.ts";

const NOW = { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 };

/** A line of an index. */
function line(path: string, kind: string, mode: number, rest: object = {}): string {
  return JSON.stringify({ path, kind, mode, size: 0, ...NOW, ...rest });
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

Deno.test({
  ...needs("workspaceChanges() describes files, links and directories", "mke2fs"),
  async fn() {
    const disk = await makeWorkspace(({ workspace }) => {
      makeTree(workspace, { "d/file": "content", "link": { link: "d/file" } });
      Deno.chmodSync(`${workspace}/d/file`, 0o6751);
      Deno.chmodSync(`${workspace}/d`, 0o1700);
    });
    const { artifacts, truncated } = await workspaceChanges(disk);
    assert.equal(truncated, false);
    assert.deepEqual(artifacts, [
      { path: "/workspace/d", change: "created", kind: "directory", mode: 0o1700, ...NOW, size: 0 },
      {
        path: "/workspace/d/file",
        change: "created",
        kind: "file",
        mode: 0o6751,
        ...NOW,
        size: 7,
        sha256: sha256("content"),
      },
      {
        path: "/workspace/link",
        change: "created",
        kind: "symlink",
        mode: 0o777,
        ...NOW,
        size: 0,
        linkTarget: "d/file",
      },
    ]);
  },
});

Deno.test({
  ...needs("whiteouts and opaque directories delete files of the image", "mke2fs", "debugfs"),
  async fn() {
    const disk = await makeWorkspace(({ upper }) => {
      makeTree(upper, { "opaque/kept": "kept", "marked": "", "plain": "" });
      Deno.chmodSync(`${upper}/opaque`, 0o755);
      Deno.chmodSync(`${upper}/opaque/kept`, 0o644);
    }, {
      commands: [
        "cd /upper",
        "mknod gone c 0 0",
        "mknod never c 0 0",
        "ea_set opaque trusted.overlay.opaque y",
        "ea_set marked trusted.overlay.whiteout y",
        "ea_set plain trusted.overlay.redirect /elsewhere",
      ],
    });
    const image = indexLower([
      line("/gone", "directory", 0o755),
      line("/gone/below", "file", 0o644),
      line("/marked", "symlink", 0o777, { linkTarget: "x" }),
      line("/opaque", "directory", 0o755),
      line("/opaque/kept", "file", 0o644, { size: 4, sha256: sha256("kept") }),
      line("/opaque/lost", "directory", 0o755),
      line("/opaque/lost/too", "fifo", 0o600),
      line("/other", "file", 0o644),
    ].join("\n"));
    const { artifacts } = await workspaceChanges(disk, { image });
    assert.deepEqual(summary(artifacts), [
      "deleted directory /gone",
      "deleted file /gone/below",
      "deleted symlink /marked",
      "deleted directory /opaque/lost",
      "deleted fifo /opaque/lost/too",
      "created file /plain",
    ]);
  },
});

Deno.test({
  ...needs(
    "a file without a hash in the image is changed if it is in the upper directory",
    "mke2fs",
  ),
  async fn() {
    const disk = await makeWorkspace(({ upper }) => {
      makeTree(upper, { "a": "same", "b": "same" });
      for (const name of ["a", "b"]) Deno.chmodSync(`${upper}/${name}`, 0o644);
    });
    const image = indexLower([
      line("/a", "file", 0o644, { size: 4 }),
      line("/b", "file", 0o644, { size: 4, sha256: sha256("same") }),
    ].join("\n"));
    const { artifacts } = await workspaceChanges(disk, { image });
    assert.deepEqual(summary(artifacts), ["changed file /a"]);
  },
});

Deno.test({
  ...needs("given files in the workspace are changed or deleted, not created", "mke2fs"),
  async fn() {
    const disk = await makeWorkspace(({ workspace }) => {
      makeTree(workspace, { "input": "as given", "edited": "new", "output": "" });
      for (const name of ["input", "edited"]) Deno.chmodSync(`${workspace}/${name}`, 0o644);
    });
    const given = indexLower([
      line("/workspace/input", "file", 0o644, { size: 8, sha256: sha256("as given") }),
      line("/workspace/edited", "file", 0o644, { size: 3, sha256: sha256("old") }),
      line("/workspace/removed", "file", 0o644),
    ].join("\n"));
    const { artifacts } = await workspaceChanges(disk, { given });
    assert.deepEqual(summary(artifacts), [
      "changed file /workspace/edited",
      "created file /workspace/output",
      "deleted file /workspace/removed",
    ]);
  },
});

Deno.test({
  ...needs("files of the image in /workspace are ignored; /tmp is left out", "mke2fs"),
  async fn() {
    const disk = await makeWorkspace(({ upper, workspace }) => {
      makeTree(upper, { "tmp/scratch": "", "tmps": "" });
      makeTree(workspace, { "seen": "" });
    });
    const image = indexLower([
      line("/tmp", "directory", 0o755),
      line("/tmp/of the image", "file", 0o644),
      line("/workspace", "directory", 0o755),
      line("/workspace/hidden", "file", 0o644),
    ].join("\n"));
    const { artifacts } = await workspaceChanges(disk, { image });
    assert.deepEqual(summary(artifacts), ["created file /tmps", "created file /workspace/seen"]);
    const all = await workspaceChanges(disk, { image, withTmp: true });
    assert.ok(summary(all.artifacts).includes("created file /tmp/scratch"));
  },
});

Deno.test({
  ...needs("a workspace that was deleted or replaced is reported", "mke2fs"),
  async fn() {
    const given = indexLower([
      line("/workspace", "directory", 0o755),
      line("/workspace/input", "file", 0o644),
    ].join("\n"));
    const gone = await makeWorkspace(({ workspace }) => Deno.removeSync(workspace));
    const removed = ["deleted directory /workspace", "deleted file /workspace/input"];
    assert.deepEqual(summary((await workspaceChanges(gone, { given })).artifacts), removed);
    assert.deepEqual((await workspaceChanges(gone)).artifacts, []);
    const link = await makeWorkspace(({ workspace }) => {
      Deno.removeSync(workspace);
      Deno.symlinkSync("/etc", workspace);
    });
    const replaced = ["changed symlink /workspace", "deleted file /workspace/input"];
    assert.deepEqual(summary((await workspaceChanges(link, { given })).artifacts), replaced);
    assert.deepEqual(summary((await workspaceChanges(link)).artifacts), [
      "created symlink /workspace",
    ]);
  },
});

Deno.test({
  ...needs("maxEntries limits the compared paths, and sets truncated", "mke2fs"),
  async fn() {
    const disk = await makeWorkspace(({ workspace }) => {
      for (let file = 0; file < 50; file++) Deno.writeTextFileSync(`${workspace}/${file}`, "");
    });
    const all = await workspaceChanges(disk, { maxEntries: 51 });
    assert.deepEqual([all.artifacts.length, all.truncated], [50, false]);
    const some = await workspaceChanges(disk, { maxEntries: 20 });
    assert.deepEqual([some.artifacts.length, some.truncated], [20, true]);
  },
});

Deno.test({
  ...needs("a sparse file of 1 TiB is named without being hashed", "mke2fs"),
  async fn() {
    const disk = await makeWorkspace(({ workspace }) => {
      using file = Deno.createSync(`${workspace}/huge`);
      file.truncateSync(2 ** 40);
      Deno.writeTextFileSync(`${workspace}/small`, "small");
    }, { options: ["-b", "4096"] });
    const { artifacts, truncated } = await workspaceChanges(disk);
    assert.deepEqual(summary(artifacts), [
      "created file /workspace/huge",
      "created file /workspace/small",
    ]);
    assert.equal(artifacts[0]!.size, 2 ** 40);
    assert.equal(artifacts[0]!.sha256, undefined);
    assert.equal(artifacts[1]!.sha256, sha256("small"));
    assert.equal(truncated, true);
  },
});

Deno.test({
  ...needs("the holes of a sparse file are hashed as zeros", "mke2fs"),
  async fn() {
    const content = new Uint8Array(5 << 20);
    content.fill(1, 1 << 20, (1 << 20) + 5000);
    const disk = await makeWorkspace(({ workspace }) => {
      using file = Deno.createSync(`${workspace}/sparse`);
      file.seekSync(1 << 20, Deno.SeekMode.Start);
      file.writeSync(content.subarray(1 << 20, (1 << 20) + 5000));
      file.truncateSync(content.length);
    });
    const { artifacts } = await workspaceChanges(disk);
    assert.equal(artifacts[0]!.sha256, createHash("sha256").update(content).digest("hex"));
  },
});

Deno.test({
  ...needs("workspaceChanges() rejects when it is aborted", "mke2fs"),
  async fn() {
    const disk = await makeWorkspace(({ workspace }) => {
      for (let file = 0; file < 600; file++) Deno.writeTextFileSync(`${workspace}/${file}`, "");
    });
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(workspaceChanges(disk, { signal }), { message: "enough" });
  },
});

Deno.test({
  ...needs("a disk without the folders of a workspace is refused", "mke2fs"),
  async fn() {
    await assert.rejects(workspaceChanges(open(await makeImage(() => {}))), (error) => {
      assert.ok(error instanceof Ext4Error);
      assert.equal(
        error.message,
        "cannot read the workspace: it must have a folder /upper: there is none",
      );
      return true;
    });
  },
});

Deno.test({
  ...needs("a directory that contains itself, or has two parents, is refused", "mke2fs", "debugfs"),
  async fn() {
    for (const target of ["/upper/workspace", "/upper/workspace/a", "/upper"]) {
      const disk = await makeWorkspace(
        ({ workspace }) => makeTree(workspace, { "a/b": { dir: true } }),
        { commands: [`ln ${target} /upper/workspace/a/b/again`] },
      );
      await assert.rejects(
        workspaceChanges(disk),
        /^Ext4Error: cannot read the workspace: directories must have one parent: \d+ has several$/,
      );
    }
  },
});

Deno.test({
  ...needs("a directory that contains a name twice is refused", "mke2fs"),
  async fn() {
    const disk = await makeWorkspace(
      ({ workspace }) => makeTree(workspace, { "twice-a": "", "twice-b": "" }),
      {
        options: ["-O", "^metadata_csum"],
        edit: (image) => image.set([0x61], placeOf(image, "twice-b") + 6),
      },
    );
    await assert.rejects(
      workspaceChanges(disk),
      /^Ext4Error: .*: names must be unique: directory \d+ has "twice-a" twice$/,
    );
  },
});
