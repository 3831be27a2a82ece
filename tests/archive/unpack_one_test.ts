import assert from "node:assert/strict";
import { packNamed } from "../../src/archive/pack_tar.ts";
import { unpackOne } from "../../src/archive/unpack_one.ts";
import { type RawEntry, rawTar, rechunk, tempDir, tool } from "./fixture.ts";

const folder: RawEntry = { name: "d/", type: "5" };
const link = (name: string, target: string): RawEntry => ({ name, type: "2", link: target });

const HOSTILE: Record<string, RawEntry[]> = {
  "nothing": [],
  "a symlink": [link("l", "x")],
  "a device": [{ name: "c", type: "3" }],
  "a fifo": [{ name: "p", type: "6" }],
  "a file and another one": [{ name: "f" }, { name: "g" }],
  "an absolute name": [{ name: "/etc/x" }],
  "a file beside the folder": [folder, { name: "e" }],
  "a file in a folder of a longer name": [folder, { name: "dd/x" }],
  "a link out of the folder by one level": [folder, link("d/l", "../x")],
  "an absolute link in the folder": [folder, link("d/l", "/etc")],
  "a hard link out of the folder": [folder, { name: "d/l", type: "1", link: "x" }],
  "a fifo in the folder": [folder, { name: "d/p", type: "6" }],
  "the folder as a file later on": [folder, { name: "d" }],
};

for (const [what, entries] of Object.entries(HOSTILE)) {
  Deno.test(`unpackOne() refuses ${what}, and leaves nothing`, async () => {
    using temp = tempDir();
    const archive = rechunk(rawTar(...entries), 700);
    const unpacked = unpackOne(archive, `${temp.path}/out`, { fileName: "name" });
    await assert.rejects(unpacked, { name: "ArchiveError" });
    assert.deepEqual([...Deno.readDirSync(temp.path)], []);
  });
}

/** An archive of one file of some name. */
const fileOf = (text: string) =>
  packNamed([{ name: "odd name", bytes: new TextEncoder().encode(text) }]);

Deno.test("unpackOne() makes a file, replaces one, follows a link to one, and goes into a folder", async () => {
  using temp = tempDir();
  const at = (name: string) => `${temp.path}/${name}`;
  Deno.writeTextFileSync(at("old"), "old");
  Deno.symlinkSync("old", at("link"));
  Deno.mkdirSync(at("folder"));
  for (const name of ["new", "link", "folder"]) {
    await unpackOne(fileOf(name), at(name), { fileName: "given" });
  }
  const texts = ["new", "old", "folder/given"].map((name) => Deno.readTextFileSync(at(name)));
  assert.deepEqual(texts, ["new", "link", "folder"]);
  assert.ok(Deno.lstatSync(at("link")).isSymlink);
  assert.equal([...Deno.readDirSync(temp.path)].length, 4);
});

Deno.test("unpackOne() refuses a file where a folder of its name is, and a folder where a file is", async () => {
  using temp = tempDir();
  Deno.mkdirSync(`${temp.path}/out/given`, { recursive: true });
  await assert.rejects(unpackOne(fileOf(""), `${temp.path}/out`, { fileName: "given" }), {
    message: /only files may replace files: a directory exists there/,
  });
  Deno.writeTextFileSync(`${temp.path}/file`, "kept");
  const archive = rechunk(rawTar(folder), 700);
  await assert.rejects(unpackOne(archive, `${temp.path}/file`, { fileName: "x" }), {
    message: /must be a directory: it is not/,
  });
  assert.equal(Deno.readTextFileSync(`${temp.path}/file`), "kept");
});

Deno.test("unpackOne() takes the folder's own name off hard links, and waits for beforePublish", async () => {
  using temp = tempDir();
  const archive = rawTar(folder, { name: "d/a", data: "x" }, {
    name: "d/b",
    type: "1",
    link: "d/a",
  });
  const out = `${temp.path}/out`;
  await unpackOne(rechunk(archive, 700), out, {
    fileName: "x",
    beforePublish: async () => await assert.rejects(Deno.stat(out), Deno.errors.NotFound),
  });
  assert.equal(Deno.readTextFileSync(`${out}/b`), "x");
  assert.equal(Deno.statSync(`${out}/a`).nlink, 2);
});

Deno.test("unpackOne() makes holes of zeros, at the end and between, also of a tar that knows of none", async () => {
  using temp = tempDir();
  const path = `${temp.path}/sparse`;
  const size = 64 << 20;
  Deno.writeTextFileSync(path, "start");
  Deno.truncateSync(path, size);
  using file = Deno.openSync(path, { write: true });
  file.seekSync(size / 2, Deno.SeekMode.Start);
  file.writeSync(Uint8Array.of(1));
  await unpackOne(packNamed([{ name: "x", path }]), `${temp.path}/out`, { fileName: "x" });
  await tool(["cmp", path, `${temp.path}/out`]);
  assert.ok(Deno.statSync(`${temp.path}/out`).blocks! < 2 * 4096);
});
