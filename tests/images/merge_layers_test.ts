import assert from "node:assert/strict";
import { type Layer, mergeLayers } from "../../src/images/merge_layers.ts";
import {
  assertGnuTarReads,
  collect,
  layerOf,
  listTar,
  namesIn,
  pax,
  rawTar,
  tarLayer,
} from "./fixture.ts";

const ROOT = "./ | directory 755 0:0";

async function merged(...layers: Layer[]): Promise<string[]> {
  const [first, ...lines] = await listTar(mergeLayers(layers));
  assert.equal(first, ROOT);
  return lines;
}

Deno.test("mergeLayers() lays files over files, and keeps what no layer touches", async () => {
  const lines = await merged(
    layerOf({ name: "etc/", mode: 0o755 }, { name: "etc/a", data: "1" }, {
      name: "etc/b",
      data: "1",
    }),
    layerOf({ name: "etc/b", data: "2", mode: 0o4755 }, { name: "etc/c", data: "2" }),
  );
  assert.deepEqual(lines, [
    "etc/ | directory 755 0:0",
    "etc/a | file 644 0:0 | 1",
    "etc/b | file 4755 0:0 | 2",
    "etc/c | file 644 0:0 | 2",
  ]);
});

Deno.test("mergeLayers() removes what a whiteout names: a file, or a folder with its contents", async () => {
  const lower = layerOf(
    { name: "a/" },
    { name: "a/file", data: "x" },
    { name: "b/" },
    { name: "b/c/" },
    { name: "b/c/file", data: "y" },
    { name: "bb", data: "stays" },
  );
  const upper = layerOf({ name: "a/.wh.file" }, { name: ".wh.b" }, { name: ".wh.not-there" });
  assert.deepEqual(await merged(lower, upper), [
    "a/ | directory 755 0:0",
    "bb | file 644 0:0 | stays",
  ]);
});

Deno.test("mergeLayers() keeps of an opaque folder what its own layer has, in any order", async () => {
  const lower = layerOf(
    { name: "d/", mode: 0o700 },
    { name: "d/old", data: "old" },
    { name: "d/sub/" },
    { name: "d/sub/old", data: "old" },
  );
  const entries = [
    { name: "d/", mode: 0o750 },
    { name: "d/.wh..wh..opq" },
    { name: "d/new", data: "new" },
    { name: "d/sub/new", data: "new" },
  ] as const;
  const expected = [
    "d/ | directory 750 0:0",
    "d/sub/ | directory 755 0:0",
    "d/new | file 644 0:0 | new",
    "d/sub/new | file 644 0:0 | new",
  ];
  const [folder, opaque, file, below] = entries;
  for (const order of [entries, [folder, file, below, opaque], [opaque, folder, file, below]]) {
    assert.deepEqual(await merged(lower, layerOf(...order)), expected);
  }
});

Deno.test("mergeLayers() re-creates a folder that its own layer whites out, in any order", async () => {
  const lower = layerOf({ name: "d/", mode: 0o700 }, { name: "d/old", data: "old" });
  const whiteout = { name: ".wh.d" };
  const made = [{ name: "d/", mode: 0o751 }, { name: "d/new", data: "new" }];
  const expected = ["d/ | directory 751 0:0", "d/new | file 644 0:0 | new"];
  assert.deepEqual(await merged(lower, layerOf(whiteout, ...made)), expected);
  assert.deepEqual(await merged(lower, layerOf(...made, whiteout)), expected);
  // Without its own entry it is a new folder too, not the lower one.
  assert.deepEqual(await merged(lower, layerOf({ name: "d/new", data: "new" }, whiteout)), [
    "d/ | directory 755 0:0",
    "d/new | file 644 0:0 | new",
  ]);
});

Deno.test("mergeLayers() keeps what a higher layer adds again after a whiteout", async () => {
  const file = (data: string) => layerOf({ name: "f", data });
  assert.deepEqual(await merged(file("1"), layerOf({ name: ".wh.f" }), file("3")), [
    "f | file 644 0:0 | 3",
  ]);
});

Deno.test("mergeLayers() keeps a hard link to a file that a higher layer replaces", async () => {
  const lines = await merged(
    layerOf({ name: "z-first", data: "content", mode: 0o755 }),
    layerOf({ name: "b-link", type: "1", link: "z-first" }, {
      name: "c-link",
      type: "1",
      link: "./b-link",
    }),
    layerOf({ name: "z-first", data: "replaced" }),
  );
  assert.deepEqual(lines, [
    "b-link | file 755 0:0 | content",
    "c-link | link 755 0:0 | -> b-link",
    "z-first | file 644 0:0 | replaced",
  ]);
});

Deno.test("mergeLayers() keeps a hard link whose first name is whited out", async () => {
  const links = layerOf({ name: "a", data: "x" }, { name: "b", type: "1", link: "/a" });
  assert.deepEqual(await merged(links, layerOf({ name: ".wh.a" })), ["b | file 644 0:0 | x"]);
});

Deno.test("mergeLayers() puts link targets before links, and parents before children", async () => {
  const names = await namesIn(mergeLayers([
    layerOf({ name: "z/y/x", data: "1" }, { name: "a/link", type: "1", link: "z/y/x" }),
    layerOf({ name: "a/b/c", data: "2" }, { name: "0", type: "2", link: "a" }),
  ]));
  assert.deepEqual(names, ["./", "0", "a/", "a/b/", "z/", "z/y/", "a/link", "z/y/x", "a/b/c"]);
});

Deno.test("mergeLayers() replaces a folder by a file, and a file by a folder", async () => {
  const lower = layerOf(
    { name: "d/" },
    { name: "d/below", data: "gone" },
    { name: "f", data: "gone" },
    { name: "l", type: "2", link: "d" },
  );
  const upper = layerOf(
    { name: "d", data: "now a file" },
    { name: "f/", mode: 0o711 },
    { name: "f/below", data: "new" },
    { name: "l/", mode: 0o700 },
  );
  assert.deepEqual(await merged(lower, upper), [
    "f/ | directory 711 0:0",
    "l/ | directory 700 0:0",
    "d | file 644 0:0 | now a file",
    "f/below | file 644 0:0 | new",
  ]);
});

Deno.test("mergeLayers() takes the mode of a folder, and of the root, from the highest layer", async () => {
  const lines = await listTar(mergeLayers([
    layerOf({ name: "./", mode: 0o700 }, { name: "tmp/", mode: 0o755 }, {
      name: "tmp/f",
      data: "1",
    }),
    layerOf({ name: "./", mode: 0o555 }, { name: "tmp/", mode: 0o1777 }),
  ]));
  assert.deepEqual(lines, [
    "./ | directory 555 0:0",
    "tmp/ | directory 1777 0:0",
    "tmp/f | file 644 0:0 | 1",
  ]);
});

Deno.test("mergeLayers() follows parents that are symlinks, and never out of the root", async () => {
  const lines = await merged(
    layerOf(
      { name: "usr/lib/" },
      { name: "lib", type: "2", link: "usr/lib" },
      { name: "usr/abs", type: "2", link: "/usr/lib" },
      { name: "out", type: "2", link: "../../../usr" },
    ),
    layerOf(
      { name: "lib/a", data: "a" },
      { name: "usr/abs/b", data: "b" },
      { name: "out/lib/c", data: "c" },
      { name: "d", type: "1", link: "lib/a" },
    ),
  );
  assert.deepEqual(lines.slice(-4), [
    "d | file 644 0:0 | a",
    "usr/lib/a | link 644 0:0 | -> d",
    "usr/lib/b | file 644 0:0 | b",
    "usr/lib/c | file 644 0:0 | c",
  ]);
});

Deno.test("mergeLayers() removes names behind a parent that is a symlink", async () => {
  const lower = layerOf(
    { name: "usr/lib/a", data: "a" },
    { name: "usr/share/b", data: "b" },
    { name: "lib", type: "2", link: "usr/lib" },
    { name: "share", type: "2", link: "/usr/share" },
  );
  const upper = layerOf({ name: "lib/.wh.a" }, { name: "share/.wh..wh..opq" });
  const lines = await merged(lower, upper);
  assert.deepEqual(lines.filter((line) => line.includes(" | file")), []);
});

Deno.test("mergeLayers() keeps devices, fifos, links to links, long names and xattrs", async () => {
  const long = `${"long/".repeat(60)}ü`;
  const xattr = ["SCHILY.xattr.security.capability", "\x01\x00\x00\x02\xff\x20"] as const;
  const layer = layerOf(
    { name: "null", type: "3", major: 1, minor: 3, mode: 0o666 },
    { name: "sda", type: "4", major: 8, minor: 0 },
    { name: "fifo", type: "6" },
    { name: "symlink", type: "2", link: "/nowhere" },
    { name: "symlink2", type: "1", link: "symlink" },
    pax([...xattr]),
    { name: "ping", data: "ping" },
  );
  const lines = await merged(
    layer,
    layerOf(pax(["path", long]), { name: "x" }),
  );
  assert.deepEqual(lines.filter((line) => !line.startsWith("long")), [
    "fifo | fifo 644 0:0 | 0:0",
    "null | char 666 0:0 | 1:3",
    "sda | block 644 0:0 | 8:0",
    "symlink | symlink 644 0:0 | -> /nowhere",
    "symlink2 | link 644 0:0 | -> symlink",
    "ping | file 644 0:0 | ping",
  ]);
  assert.equal(lines.at(-1), `${long} | file 644 0:0 | `);
  const bytes = await collect(mergeLayers([layer]));
  assert.ok(new TextDecoder("latin1").decode(bytes).includes(xattr.join("=")));
});

Deno.test("mergeLayers() fills the holes of a sparse file", async () => {
  const map = "3\n0\n1\n5\n1\n9\n0\n".padEnd(512, "\0");
  const sparse = pax(
    ["GNU.sparse.major", "1"],
    ["GNU.sparse.minor", "0"],
    ["GNU.sparse.realsize", "9"],
  );
  const layer = layerOf(sparse, { name: "sparse", data: `${map}ab` });
  assert.deepEqual(await merged(layer), [`sparse | file 644 0:0 | a${"\0".repeat(4)}b\0\0\0`]);
});

Deno.test("mergeLayers() ignores AUFS's own names", async () => {
  const layer = layerOf(
    { name: ".wh..wh.aufs", data: "x" },
    { name: ".wh..wh.plnk/" },
    { name: ".wh..wh.plnk/12.34", data: "x" },
    { name: "f", data: "f" },
  );
  assert.deepEqual(await merged(layer), ["f | file 644 0:0 | f"]);
});

Deno.test("mergeLayers() keeps names like those of whiteouts if they are not markers", async () => {
  const layers = [layerOf({ name: "f", data: "f" }, { name: ".wh.f", data: "w" })];
  assert.deepEqual(await namesIn(mergeLayers(layers, { markers: "keep" })), ["./", "f", ".wh.f"]);
});

Deno.test("mergeLayers() treats absolute names, and .. that stays inside, as names in the root", async () => {
  const upper = layerOf(
    { name: "/etc/x", data: "x" },
    { name: "link", type: "2", link: "d/e" },
    { name: "link/../y", data: "y" }, // by name alone, as in umoci and containerd
    { name: "etc/../usr/../etc/z", data: "z" },
    { name: "/hard", type: "1", link: "/usr/../etc/x" },
    { name: "//etc/.wh.old" },
    { name: "/" },
  );
  const lower = layerOf({ name: "/etc/old", data: "old" });
  assert.deepEqual(await namesIn(mergeLayers([lower, upper])), [
    ...["./", "etc/", "link", "etc/x", "hard", "y", "etc/z"],
  ]);
});

Deno.test("mergeLayers() accepts an empty layer, and one with only a label", async () => {
  const label = tarLayer(rawTar({ name: "label", type: "V" }));
  const layers = [tarLayer(new Uint8Array()), layerOf({ name: "f", data: "f" }), label];
  assert.deepEqual(await namesIn(mergeLayers(layers)), ["./", "f"]);
});

Deno.test("mergeLayers() refuses names that lead out of the root, or cannot be in it", async () => {
  const rows: [Parameters<typeof layerOf>, RegExp][] = [
    [[{ name: "/../etc/passwd", data: "x" }], /its name contains "\.\."/],
    [[{ name: "a/../../b", data: "x" }], /its name contains "\.\."/],
    [[{ name: "a", type: "1", link: "../b" }], /its name contains "\.\."/],
    [[{ name: "a", type: "1", link: "b" }], /a hard link must name a file: there is no file "b"/],
    [[{ name: "d/" }, { name: "a", type: "1", link: "d" }], /there is no file "d" before it/],
    [[{ name: "f", data: "" }, { name: "f/g", data: "x" }], /its parents must be folders/],
    [[{ name: "l", type: "2", link: "l" }, { name: "l/g", data: "x" }], /parents must be folders/],
    [[{ name: ".", data: "x" }], /the root is a folder/],
    [[{ name: "d/.wh." }], /a whiteout must name what it removes/],
    [[{ name: "d/.wh..." }], /a whiteout must name what it removes/],
    [[pax(["path", `${"a/".repeat(2048)}a`]), { name: "x" }], /at most 4095 bytes/],
  ];
  for (const [entries, message] of rows) {
    await assert.rejects(collect(mergeLayers([layerOf(...entries)])), { message }, String(message));
  }
});

Deno.test("mergeLayers() names the layer that cannot be read", async () => {
  const cut = tarLayer(rawTar({ name: "f", data: "x".repeat(2000) }).subarray(0, 1000), "layer 2");
  const message = /^cannot read layer 2: .*cut short after 1000 bytes/;
  await assert.rejects(collect(mergeLayers([layerOf({ name: "a", data: "" }), cut])), { message });
});

Deno.test("mergeLayers() makes a tar that GNU tar reads, the same each time", async () => {
  const layers = [
    layerOf({ name: "a/b/c", data: "x".repeat(100_000) }, { name: "d", type: "1", link: "a/b/c" }),
    layerOf({ name: `${"n".repeat(50)}/é`, data: "n" }),
  ];
  assert.deepEqual(await collect(mergeLayers(layers)), await collect(mergeLayers(layers)));
  await assertGnuTarReads(mergeLayers(layers));
});

Deno.test("mergeLayers() closes the layer when it is cancelled", async () => {
  let open = 0;
  const bytes = rawTar({ name: "f", data: "x".repeat(1 << 20) });
  const layer: Layer = {
    name: "the layer",
    open() {
      open++;
      let at = 0;
      return Promise.resolve(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            if (at >= bytes.length) return open--, controller.close();
            controller.enqueue(bytes.slice(at, at += 10_000));
          },
          cancel: () => void open--,
        }),
      );
    },
  };
  const reader = mergeLayers([layer]).getReader();
  await reader.read();
  assert.equal(open, 1);
  await reader.cancel();
  assert.equal(open, 0);
});
