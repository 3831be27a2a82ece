/** Limits of the memory that archives may take, tested with small inputs and lowered limits. */
import assert from "node:assert/strict";
import { ArchiveError } from "../../src/archive/archive_error.ts";
import { ByteReader } from "../../src/archive/byte_reader.ts";
import { TAR_LIMITS, type TarLimits } from "../../src/archive/limits.ts";
import { readTar } from "../../src/archive/read_tar.ts";
import { tarToCpio } from "../../src/archive/tar_to_cpio.ts";
import { unpackTar } from "../../src/archive/unpack_tar.ts";
import { mergeLayers } from "../../src/images/merge_layers.ts";
import { RecordFile } from "../../src/images/record_file.ts";
import { RootEntries } from "../../src/images/root_entries.ts";
import { IMPLIED_FOLDER } from "../../src/images/root_path.ts";
import {
  collect,
  concat,
  type RawEntry,
  rawEntry,
  rawPax,
  rawTar,
  rechunk,
  tempDir,
} from "./fixture.ts";

const record = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`;
  const length = rest.length + String(rest.length).length;
  return `${rest.length + String(length).length}${rest}`;
};

async function readAll(tar: Uint8Array, limits: Partial<TarLimits> = {}): Promise<number> {
  let count = 0;
  const options = { limits: { ...TAR_LIMITS, ...limits } };
  for await (const _ of readTar(new ByteReader(rechunk(tar, 4096)), options)) count++;
  return count;
}

const layersOf = (
  tar: Uint8Array,
): { name: string; open(): Promise<ReadableStream<Uint8Array>> } => ({
  name: "layer",
  open: () => Promise.resolve(rechunk(tar, 4096)),
});

const sparse = (blocks: number, slots = true): Uint8Array => {
  const header = rawEntry({ name: "s", type: "S", magic: "ustar  \0" });
  header[482] = 1;
  const fields = new TextEncoder().encode("00000000000\0" + "00000000000\0");
  const extra = Array.from({ length: blocks }, (_, index) => {
    const block = new Uint8Array(512);
    if (slots) { for (let at = 0; at < 504; at += 24) block.set(fields, at); }
    block[504] = index < blocks - 1 ? 1 : 0;
    return block;
  });
  const sum = header.subarray(0, 512).reduce(
    (sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte),
    0,
  );
  header.set(new TextEncoder().encode(sum.toString(8).padStart(6, "0")), 148);
  return concat(header, ...extra, new Uint8Array(1024));
};

/** Message, limits, an archive beyond the limit and one within it. */
const BOUNDED: Record<string, [RegExp, Partial<TarLimits>, over: Uint8Array, within: Uint8Array]> =
  {
    "many extended headers before one entry": [
      /extended headers of an entry must be at most 8192 bytes: those up to byte \d+ have \d+$/,
      { extendedBytes: 8192 },
      rawTar(...Array<RawEntry>(9).fill(rawPax(record("comment", "c"))), { name: "x" }).slice(
        0,
        -1024,
      ),
      rawTar(...Array<RawEntry>(8).fill(rawPax(record("comment", "c"))), { name: "x" }),
    ],
    "a large extended header": [
      /at most 8192 bytes/,
      { extendedBytes: 8192 },
      rawTar(rawPax(record("comment", "c".repeat(8192))), { name: "x" }),
      rawTar(rawPax(record("comment", "c".repeat(7000))), { name: "x" }),
    ],
    "a large GNU long name": [
      /at most 8192 bytes/,
      { extendedBytes: 8192 },
      rawTar({ name: "L", type: "L", data: "n\0".padEnd(8000, "n") }, { name: "x" }),
      rawTar({ name: "L", type: "L", data: "n\0".padEnd(7000, "n") }, { name: "x" }),
    ],
    "a GNU sparse map with many pieces": [
      /"s": a sparse entry must have at most 42 pieces: its map lists more$/,
      { sparsePieces: 42 },
      sparse(3),
      sparse(2),
    ],
    "a GNU sparse map whose blocks are empty": [
      /"s": .* at most 42 pieces/,
      { sparsePieces: 42 },
      sparse(4, false),
      sparse(2, false),
    ],
    "a pax 1.0 sparse map with many pieces": [
      /"s": .* at most 2 pieces/,
      { sparsePieces: 2 },
      rawTar(sparsePax(), { name: "s", data: "3\n0\n0\n0\n0\n0\n0\n".padEnd(512, "\0") }),
      rawTar(sparsePax(), { name: "s", data: "2\n0\n0\n0\n0\n".padEnd(512, "\0") }),
    ],
    "a pax 0.1 sparse map with many pieces": [
      /"s": .* at most 2 pieces/,
      { sparsePieces: 2 },
      rawTar(rawPax(record("GNU.sparse.size", "0") + record("GNU.sparse.map", "0,0,0,0,0,0")), {
        name: "s",
      }),
      rawTar(rawPax(record("GNU.sparse.size", "0") + record("GNU.sparse.map", "0,0,0,0")), {
        name: "s",
      }),
    ],
    "a path that is too long": [
      /^cannot read "n\/n.*\.\.\.": a name must have at most 4095 bytes: it has 4097$/,
      {},
      rawTar(rawPax(record("path", "n/".repeat(2048) + "n")), { name: "x" }),
      rawTar(rawPax(record("path", "n/".repeat(2047) + "n")), { name: "x" }),
    ],
    "a part of a path that is too long": [
      /a name must have at most 255 bytes between slashes: it has 256$/,
      {},
      rawTar(rawPax(record("path", "d/" + "n".repeat(256) + "/x")), { name: "x" }),
      rawTar(rawPax(record("path", "d/" + "n".repeat(255) + "/x")), { name: "x" }),
    ],
    "a target of a link that is too long": [
      /the target of a link must have at most 4095 bytes: it has 4097$/,
      {},
      rawTar(rawPax(record("linkpath", "n/".repeat(2048) + "n")), { name: "x", type: "2" }),
      rawTar(rawPax(record("linkpath", "n/".repeat(2047) + "n")), { name: "x", type: "2" }),
    ],
    "a long name of an extended attribute": [
      /extended attributes must have names of at most 255 bytes each: there are 256$/,
      {},
      rawTar(rawPax(record(`SCHILY.xattr.${"n".repeat(256)}`, "v")), { name: "x" }),
      rawTar(rawPax(record(`SCHILY.xattr.${"n".repeat(255)}`, "v")), { name: "x" }),
    ],
    "many extended attributes": [
      /extended attributes must have names of at most 65536 bytes in all, .*: there are 65544$/,
      {},
      rawTar(rawPax(attributes(8193)), { name: "x" }),
      rawTar(rawPax(attributes(8192)), { name: "x" }),
    ],
    "a number of too many digits": [
      /pax mtime must be a number: "9+"$/,
      {},
      rawTar(rawPax(record("mtime", "9".repeat(5000)), "g"), { name: "x" }),
      rawTar(rawPax(record("mtime", "1.123456789"), "g"), { name: "x" }),
    ],
  };

/** Extended attributes that each take 8 bytes in the list of their names. */
function attributes(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `a.${String(index).padStart(5, "0")}`);
  return names.map((name) => record(`SCHILY.xattr.${name}`, "v")).join("");
}

function sparsePax(): RawEntry {
  return rawPax(
    record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0") +
      record("GNU.sparse.realsize", "0"),
  );
}

for (const [what, [message, limits, over, within]] of Object.entries(BOUNDED)) {
  Deno.test(`readTar() refuses ${what}, and accepts the same within the limit`, async () => {
    await assert.rejects(readAll(over, limits), (error: Error) => {
      assert.ok(error instanceof ArchiveError, error.stack);
      assert.match(error.message, message);
      return true;
    });
    assert.equal(await readAll(within, limits), 1);
  });
}

Deno.test("readTar() accepts as many records as fit into a header", async () => {
  const tar = rawTar(rawPax(record("a", "").repeat(170_000)), { name: "x" });
  assert.equal(await readAll(tar), 1);
});

Deno.test("readTar() keeps only the records of a global header that it uses, however long the rest", async () => {
  const large = rawPax(record("comment", "c".repeat(500_000)), "g");
  const tar = rawTar(large, ...Array<RawEntry>(5000).fill({ name: "x" }));
  assert.equal(await readAll(tar), 5000);
});

const few = { ...TAR_LIMITS, heldBytes: 500 };
const MANY = Array.from(
  { length: 20 },
  (_, index): RawEntry => ({ name: `d${index}/`, type: "5" }),
);
const isHeldTooMuch = (error: unknown): boolean => {
  assert.match(
    String(error),
    /cannot read "d\d+\/?": the names of an archive must take at most/,
  );
  return true;
};

Deno.test("unpackTar(), tarToCpio(), mergeLayers() and packing limit the names they keep", async () => {
  using dir = tempDir();
  const tar = rawTar(...MANY);
  await assert.rejects(
    unpackTar(rechunk(tar, 4096), `${dir.path}/out`, { limits: few }),
    isHeldTooMuch,
  );
  assert.deepEqual([...Deno.readDirSync(dir.path)], []);
  await assert.rejects(collect(rechunk(tar, 4096).pipeThrough(tarToCpio(few))), isHeldTooMuch);
  await assert.rejects(collect(mergeLayers([layersOf(tar)], { limits: few })), isHeldTooMuch);
  using lines = new RecordFile();
  const root = new RootEntries(lines, few);
  assert.throws(() => {
    for (const { name } of MANY) root.add({ ...IMPLIED_FOLDER, name: name as string });
  }, isHeldTooMuch);
});

Deno.test("extended attributes count towards the limit on names of layers", async () => {
  const pax = rawPax(record("SCHILY.xattr.user.x", "v".repeat(6000)));
  const tar = rawTar(pax, { name: "d0/", type: "5" });
  await assert.rejects(collect(mergeLayers([layersOf(tar)], { limits: few })), isHeldTooMuch);
});

Deno.test("all readers of tars accept a path of the largest depth", async () => {
  using dir = tempDir();
  const depth = Math.floor((4095 - dir.path.length - 64) / 2);
  const path = "n/".repeat(depth) + "f";
  const tar = rawTar(rawPax(record("path", path)), { name: "x", data: "deep" });
  await unpackTar(rechunk(tar, 4096), `${dir.path}/out`);
  assert.equal(Deno.readTextFileSync(`${dir.path}/out/${path}`), "deep");
  const deepest = rawTar(rawPax(record("path", "n/".repeat(2047) + "f")), { name: "x" });
  await collect(rechunk(deepest, 4096).pipeThrough(tarToCpio()));
  assert.equal(await readAll(await collect(mergeLayers([layersOf(deepest)]))), 2049);
});

Deno.test("mergeLayers() refuses a path that symlinks make too long", async () => {
  const long = "n/".repeat(1500) + "n";
  const tar = rawTar(
    rawPax(record("linkpath", long)),
    { name: "s", type: "2" },
    rawPax(record("path", `s/${long}/f`)),
    { name: "x" },
  );
  await assert.rejects(
    collect(mergeLayers([layersOf(tar)])),
    /at most 4095 bytes where symlinks lead/,
  );
});

Deno.test("unpackTar() names the entry whose path is too long where it is unpacked", async () => {
  using dir = tempDir();
  const tar = rawTar(rawPax(record("path", "n/".repeat(2047) + "n")), { name: "x" });
  await assert.rejects(unpackTar(rechunk(tar, 4096), `${dir.path}/out`), {
    name: "ArchiveError",
    message: /its path must not be too long where it is unpacked$/,
  });
});

Deno.test("numbers in base 256 that are not valid owners or devices are refused", async () => {
  for (const at of [108, 116, 329, 337]) {
    const bytes = rawTar({ name: "x", type: "3" });
    bytes.fill(0xff, at, at + 8);
    const sum = bytes.subarray(0, 512).reduce(
      (sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte),
      0,
    );
    bytes.set(new TextEncoder().encode(sum.toString(8).padStart(6, "0")), 148);
    await assert.rejects(collect(rechunk(bytes, 512).pipeThrough(tarToCpio())), ArchiveError);
    await assert.rejects(
      collect(mergeLayers([layersOf(bytes)])),
      /owner or device is out of range/,
    );
  }
});
