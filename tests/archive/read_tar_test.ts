import assert from "node:assert/strict";
import { ArchiveError } from "../../src/archive/archive_error.ts";
import { ByteReader } from "../../src/archive/byte_reader.ts";
import { readTar, type ReadTarOptions } from "../../src/archive/read_tar.ts";
import { encodePax } from "../../src/archive/pax_records.ts";
import { concat, type RawEntry, rawEntry, rawTar, rechunk } from "./fixture.ts";

const pax = (...records: [string, string][]): RawEntry => {
  return { name: "pax", type: "x", data: encodePax(records) };
};
const BLOCK = new Uint8Array(512);

async function namesOf(tar: Uint8Array, options?: ReadTarOptions): Promise<string[]> {
  const entries = readTar(new ByteReader(rechunk(tar, 500)), options);
  return (await Array.fromAsync(entries)).map(({ header }) => header.name);
}

Deno.test("readTar() accepts the end of the stream as end of the archive, as other tools do", async () => {
  const entry = rawEntry({ name: "a", data: "x" });
  const label = rawEntry({ name: "label", type: "V" });
  const global = rawEntry({ ...pax(["comment", "git"]), type: "g" });
  const rows: [string, Uint8Array, string[]][] = [
    ["no zero block", entry, ["a"]],
    ["one zero block", concat(entry, BLOCK), ["a"]],
    ["one zero block alone", BLOCK, []],
    ["a label alone", concat(label, BLOCK, BLOCK), []],
    ["a label and no zero block", label, []],
    ["a label after an entry", concat(entry, label), ["a"]],
    ["a global header alone", concat(global, BLOCK, BLOCK), []],
  ];
  for (const [what, tar, names] of rows) assert.deepEqual(await namesOf(tar), names, what);
});

Deno.test("readTar() refuses what could be an incomplete archive", async () => {
  const entry = rawEntry({ name: "a", data: "x" });
  const rows: [string, Uint8Array][] = [
    ["a zero block before an entry", concat(entry, BLOCK, entry)],
    ["a part of a zero block", concat(entry, BLOCK.subarray(100))],
    ["a part of the second zero block", concat(entry, BLOCK, BLOCK.subarray(1))],
    ["a long name without its entry", concat(rawEntry({ name: "L", type: "L", data: "b" }), BLOCK)],
    ["a pax header without its entry", rawEntry(pax(["path", "b"]))],
    [
      "a pax header and a label",
      concat(rawEntry(pax(["path", "b"])), rawEntry({ name: "l", type: "V" })),
    ],
  ];
  for (const [what, tar] of rows) await assert.rejects(namesOf(tar), ArchiveError, what);
});

Deno.test("readTar() accepts an empty input only with mayBeEmpty", async () => {
  const none = new Uint8Array();
  await assert.rejects(namesOf(none), { name: "ArchiveError", message: /the input is empty$/ });
  assert.deepEqual(await namesOf(none, { mayBeEmpty: true }), []);
});

Deno.test("readTar() accepts pax numbers with leading zeros", async () => {
  const zeros = "0".repeat(20);
  const size = pax(["size", `${zeros}1`]);
  const sparse = pax(["GNU.sparse.size", `${zeros}4`], ["GNU.sparse.map", `${zeros}3,1`]);
  const tar = rawTar(size, { name: "a", data: "x" }, sparse, { name: "b", data: "y" });
  const sizes: number[] = [];
  for await (const { header, data } of readTar(new ByteReader(rechunk(tar, 500)))) {
    sizes.push(header.size);
    for await (const { offset } of data()) sizes.push(offset);
  }
  assert.deepEqual(sizes, [1, 0, 4, 3]);
});
