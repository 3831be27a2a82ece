import assert from "node:assert/strict";
import { ByteReader } from "../../src/archive/byte_reader.ts";
import { type DataPiece, readTar } from "../../src/archive/read_tar.ts";
import type { TarHeader } from "../../src/archive/tar_format.ts";
import { TarWriter } from "../../src/archive/tar_writer.ts";
import { needs } from "../support/tools.ts";
import { concat, rechunk, tempDir, tool } from "./fixture.ts";

const FILE: TarHeader = {
  type: "file",
  name: "file",
  linkName: "",
  mode: 0o644,
  uid: 1,
  gid: 2,
  size: 0,
  mtime: 1_000_000_000,
  major: 0,
  minor: 0,
};

async function* pieces(...found: DataPiece[]): AsyncGenerator<DataPiece> {
  yield* found;
  await undefined;
}

async function write(
  ...entries: readonly [TarHeader, AsyncGenerator<DataPiece>?][]
): Promise<Uint8Array> {
  const writer = new TarWriter();
  const chunks: Uint8Array[] = [];
  for (const [header, data] of entries) {
    for await (const chunk of writer.entry(header, data)) chunks.push(chunk);
  }
  for await (const chunk of writer.end()) chunks.push(chunk);
  return concat(...chunks);
}

Deno.test("TarWriter writes archives that tar reads, holes as zeros", async () => {
  const big = new Uint8Array(200_000).fill(7);
  const bytes = await write(
    [{ ...FILE, name: "dir/", type: "directory" }],
    [{ ...FILE, name: "dir/big", size: 300_000 }, pieces({ offset: 50_000, bytes: big })],
    [{ ...FILE, name: "link", type: "link", linkName: "dir/big" }],
  );
  assert.equal(bytes.length % 512, 0);
  const listed = new TextDecoder().decode(await tool(["tar", "-tf", "-"], bytes));
  assert.equal(listed, "dir/\ndir/big\nlink\n");
  const content = await tool(["tar", "-xOf", "-", "dir/big"], bytes);
  const expected = new Uint8Array(300_000);
  expected.set(big, 50_000);
  assert.deepEqual(content, expected);
});

Deno.test("TarWriter refuses more content than its header says", async () => {
  const data = pieces({ offset: 0, bytes: new Uint8Array(3) });
  await assert.rejects(write([{ ...FILE, size: 2 }, data]), {
    name: "ArchiveError",
    message: /^cannot pack "file": .*: it has 3 of 2 bytes$/,
  });
});

Deno.test("extended attributes are read and written as bytes", async () => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  const xattrs = new Map([["user.all", all], ["user.größe", new Uint8Array([0, 10])]]);
  const bytes = await write([{ ...FILE, name: "ü", xattrs }], [{ ...FILE, name: "none" }]);
  const found = [];
  for await (const { header } of readTar(new ByteReader(rechunk(bytes, 100)))) found.push(header);
  assert.deepEqual(found, [{ ...FILE, name: "ü", xattrs }, { ...FILE, name: "none" }]);
});

Deno.test({
  ...needs(
    "extended attributes are exchanged with GNU tar",
    "setfattr",
    "getfattr",
  ),
  async fn() {
    using folder = tempDir();
    const value = new Uint8Array([1, 0, 0x80, 0xff, 10]);
    const [file, copy] = [`${folder.path}/file`, `${folder.path}/copy`];
    Deno.writeTextFileSync(file, "");
    await tool(["setfattr", "-n", "user.note", "-v", `0x${value.toHex()}`, file]);
    const made = await tool(["tar", "--xattrs", "--format=pax", "-c", "-C", folder.path, "file"]);
    const { value: entry } = await readTar(new ByteReader(rechunk(made, 512))).next();
    assert.deepEqual(entry?.header.xattrs, new Map([["user.note", value]]));
    const again = await write([{ ...entry!.header, name: "copy" }]);
    await tool(["tar", "--xattrs", "-x", "-C", folder.path, "-f", "-"], again);
    assert.deepEqual(await tool(["getfattr", "--only-values", "-n", "user.note", copy]), value);
  },
});
