import assert from "node:assert/strict";
import { ArchiveError } from "../../src/archive/archive_error.ts";
import { encodePax } from "../../src/archive/pax_records.ts";
import { tarToCpio } from "../../src/archive/tar_to_cpio.ts";
import {
  collect,
  cutAt,
  makeTree,
  type RawEntry,
  rawEntry,
  rawPax,
  rawTar,
  rechunk,
  snapshot,
  tempDir,
  tool,
} from "./fixture.ts";

const isRoot = Deno.uid() === 0;
const decoder = new TextDecoder();

const convert = (tar: Uint8Array): Promise<Uint8Array> =>
  collect(rechunk(tar, 1 << 16).pipeThrough(tarToCpio()));

async function list(cpio: Uint8Array): Promise<string[]> {
  const lines = await tool(["cpio", "-itv", "--quiet", "--numeric-uid-gid"], cpio);
  return decoder.decode(lines).split("\n").slice(0, -1);
}

/** A tree in which one file has three names, and an empty one has two. */
async function makeZoo(root: string): Promise<void> {
  makeTree(root, {
    "zoo/a": "content",
    "zoo/d/odd": new Uint8Array(4097).fill(3),
    "zoo/d/none": { dir: true },
    "zoo/empty": "",
    "zoo/link": { link: "d/odd" },
    "zoo/ünï": "unicode",
    [`zoo/${"n".repeat(200)}`]: "long",
  });
  Deno.linkSync(`${root}/zoo/a`, `${root}/zoo/b`);
  Deno.linkSync(`${root}/zoo/a`, `${root}/zoo/d/c`);
  Deno.linkSync(`${root}/zoo/empty`, `${root}/zoo/empty2`);
  Deno.chmodSync(`${root}/zoo/d/odd`, 0o750);
  await tool(["find", root, "-exec", "touch", "-hd", "@1000000000", "{}", ";"]);
}

/** Without the mtimes of directories and symlinks, which cpio(1) sets too early or not at all. */
const comparable = (root: string): string[] =>
  snapshot(root).map((line) => {
    const [path, mode, mtime, what, first] = JSON.parse(line);
    return JSON.stringify([path, mode, /^(dir$|->)/.test(what) ? 0 : mtime, what, first]);
  });

for (
  const [judge, argv] of [
    ["GNU cpio", ["cpio", "-idm", "--quiet"]],
    ["bsdtar", ["bsdtar", "-xpf", "-"]],
  ] as const
) {
  Deno.test(`tarToCpio() is unpacked by ${judge} into the same tree, with hard links`, async () => {
    using dir = tempDir();
    await makeZoo(dir.path);
    Deno.mkdirSync(`${dir.path}/out`);
    const tar = await tool(["tar", "-C", dir.path, "--sort=name", "-c", "zoo"]);
    await tool([...argv], await convert(tar), `${dir.path}/out`);
    assert.deepEqual(comparable(`${dir.path}/out/zoo`), comparable(`${dir.path}/zoo`));
    assert.equal(Deno.statSync(`${dir.path}/out/zoo/a`).nlink, 3);
  });
}

Deno.test("tarToCpio() gives the same bytes for any chunks", async () => {
  const tar = rawTar(
    rawPax("20 path=d/long-name\n"),
    { name: "x", data: "odd" },
    { name: "l", type: "2", link: "target" },
  );
  const expected = await convert(tar);
  for (let cut = 0; cut <= tar.length; cut++) {
    assert.deepEqual(await collect(cutAt(tar, cut).pipeThrough(tarToCpio())), expected);
  }
  assert.deepEqual(await collect(rechunk(tar, 1).pipeThrough(tarToCpio())), expected);
});

Deno.test("tarToCpio() lays out each header as the kernel reads it", async () => {
  const entry = { name: "./a", data: "12345", mode: 0o4755, mtime: 0x12345678 };
  const text = decoder.decode(await convert(rawTar(entry)));
  const fields = [1, 0o104755, 0, 0, 1000, 0x12345678, 5, 0, 0, 0, 0, 2, 0];
  const header = "070701" + fields.map((n) => n.toString(16).padStart(8, "0")).join("");
  assert.equal(text.slice(0, 120), header + "a\0" + "12345\0\0\0");
  assert.match(text.slice(120), /^070701[0-9a-f]{104}TRAILER!!!\0+$/);
  assert.equal(text.length, 512);
});

Deno.test("tarToCpio() adds parents that the tar lacks, once and before their content", async () => {
  const tar = rawTar(
    { name: "/usr/bin/a" },
    { name: "usr/lib/", type: "5", mode: 0o700 },
    { name: "usr/lib/b" },
    { name: "lib", type: "2", link: "usr/lib" },
    { name: "lib/c" },
  );
  assert.deepEqual((await list(await convert(tar))).map((line) => line.replace(/ .* /, " ")), [
    "drwxr-xr-x usr",
    "drwxr-xr-x usr/bin",
    "-rw-r--r-- usr/bin/a",
    "drwx------ usr/lib",
    "-rw-r--r-- usr/lib/b",
    "lrwxrwxrwx usr/lib".replace("lrwxrwxrwx", "lrw-r--r--"),
    "-rw-r--r-- lib/c",
  ]);
});

Deno.test({
  name: "tarToCpio() keeps device nodes and fifos",
  ignore: !isRoot,
  fn: async () => {
    using dir = tempDir();
    await tool(["mknod", `${dir.path}/disk`, "b", "259", "70000"]);
    await tool(["mknod", `${dir.path}/null`, "c", "1", "3"]);
    await tool(["mkfifo", `${dir.path}/fifo`]);
    const tar = await tool(["tar", "-C", dir.path, "-c", "disk", "null", "fifo"]);
    const lines = await list(await convert(tar));
    assert.match(lines[0]!, /^b.* 259, ?70000 .* disk$/);
    assert.match(lines[1]!, /^c.* 1, +3 .* null$/);
    assert.match(lines[2]!, /^p.* fifo$/);
  },
});

Deno.test("tarToCpio() writes the holes of a sparse file as zeros", async () => {
  using dir = tempDir();
  makeTree(dir.path, { f: "start" });
  Deno.truncateSync(`${dir.path}/f`, 3_000_001);
  const tar = await tool(["tar", "-C", dir.path, "-S", "-c", "f"]);
  assert.ok(tar.length < 100_000, "GNU tar found no hole: the test says nothing");
  const cpio = await convert(tar);
  const content = await tool(["cpio", "-i", "--quiet", "--to-stdout", "f"], cpio);
  assert.deepEqual(content, Deno.readFileSync(`${dir.path}/f`));
});

Deno.test("tarToCpio() turns a hard link to a symlink into a second symlink", async () => {
  const tar = rawTar(
    { name: "s", type: "2", link: "target" },
    { name: "t", type: "1", link: "s" },
  );
  const lines = await list(await convert(tar));
  assert.match(lines[1]!, /^l.* t -> target$/);
});

const REFUSED: Record<string, [RegExp, RawEntry[]]> = {
  "a file of 4 GiB": [/"x" .* below 4 GiB: 4294967296$/, [{ name: "x", size: 2 ** 32 }]],
  "a name with ..": [/"a\/\.\.\/x"/, [{ name: "a/../x" }]],
  "the name that ends an archive": [/"TRAILER!!!"/, [{ name: "TRAILER!!!" }]],
  "a link to nothing": [/"x" .* earlier entry/, [{ name: "x", type: "1", link: "y" }]],
  "a name that is too long": [
    /at most 4095/,
    [{ name: "L", type: "L", data: "n/".repeat(2100) + "n" }, { name: "x" }],
  ],
};

for (const [what, [message, entries]] of Object.entries(REFUSED)) {
  Deno.test(`tarToCpio() refuses ${what} at both ends`, async () => {
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => entries.map(rawEntry).forEach((bytes) => controller.enqueue(bytes)),
      pull: (controller) => controller.enqueue(rawEntry({ name: "more" })),
    });
    const { readable, writable } = tarToCpio();
    const isRefused = (error: unknown): boolean => {
      assert.ok(error instanceof ArchiveError);
      assert.match(error.message, message);
      return true;
    };
    const writing = assert.rejects(endless.pipeTo(writable), isRefused);
    await assert.rejects(collect(readable), isRefused);
    await writing;
  });
}

Deno.test("tarToCpio() keeps the bytes of names that are not UTF-8", async () => {
  const name = Uint8Array.of(0x61, 0xff);
  const target = encodePax([["linkpath", "\udcfe"]]);
  const cpio = await convert(rawTar(
    { name, data: "x" },
    { name: "pax", type: "x", data: target },
    { name: "link", type: "2" },
    { name: "hard", type: "1", link: name },
  ));
  const text = String.fromCharCode(...cpio);
  assert.match(text, /^070701[0-9A-F]{88}00000003[0-9A-F]{8}a\xff\0/i);
  assert.match(text, /link\0+\xfe\0/);
  assert.deepEqual((await list(cpio)).length, 3);
});

Deno.test("tarToCpio() refuses a tar that is cut short", async () => {
  const tar = rawTar({ name: "x", data: "data" });
  for (const length of [0, 100, 512, 600, 1025, tar.length - 1]) {
    await assert.rejects(convert(tar.subarray(0, length)), ArchiveError);
  }
});

Deno.test("tarToCpio() stops the writer when its reader cancels", async () => {
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) =>
      controller.enqueue(rawEntry({ name: "f", data: new Uint8Array(1 << 16) })),
  });
  const { readable, writable } = tarToCpio();
  const gone = new Error("gone");
  const writing = assert.rejects(endless.pipeTo(writable), (error) => error === gone);
  const reader = readable.getReader();
  await reader.read();
  await reader.cancel(gone);
  await writing;
});

Deno.test("tarToCpio() stops the writer when its reader cancels before reading", async () => {
  const { readable, writable } = tarToCpio();
  const writing = rechunk(new Uint8Array(1 << 20), 1000).pipeTo(writable);
  const failing = assert.rejects(writing, /gone/);
  await readable.cancel(new Error("gone"));
  await failing;
});

Deno.test("tarToCpio() reads no more than it has written", async () => {
  let taken = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      taken++;
      controller.enqueue(rawEntry({ name: "f", data: new Uint8Array(1 << 20) }));
    },
  }, { highWaterMark: 0 });
  const reader = endless.pipeThrough(tarToCpio()).getReader();
  await reader.read();
  for (let turns = 0; turns < 100; turns++) await Deno.stat("/");
  assert.ok(taken <= 4, `${taken} MiB for one`);
  await reader.cancel();
});
