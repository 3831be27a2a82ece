import assert from "node:assert/strict";
import { packTar } from "../../src/archive/pack_tar.ts";
import { readManifest } from "../../src/images/manifest.ts";
import { type PackProgress, packRoot } from "../../src/images/pack_root.ts";
import { readStamp } from "../../src/images/stamp_root.ts";
import { needs } from "../support/tools.ts";
import { pax, rawTar, streamOf, tempDir, tool } from "./fixture.ts";

const SHA256_OF_HI = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";

/** The output of unsquashfs. */
async function listImageDated(image: string): Promise<string> {
  return new TextDecoder().decode(await tool(["unsquashfs", "-lln", image])).trimEnd();
}

/** The list of unsquashfs: mode, owner, size or device, and name; folders without size. */
async function listImage(image: string): Promise<string[]> {
  return (await listImageDated(image)).split("\n")
    .map((line) => line.replace(/ +\d{4}-\d\d-\d\d \d\d:\d\d/, "").replace(/ +/g, " "))
    .map((line) => line.replace("squashfs-root", ""))
    .map((line) => line.startsWith("d") ? line.replace(/ \d+ /, " ") : line); // sizes of folders differ
}

function namesLeft(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

const ENTRIES = [
  { name: "./", mode: 0o711 },
  { name: "./usr/bin/ping", data: "hi", mode: 0o4755 },
  { name: "usr/bin/ping6", type: "1", link: "./usr/bin/ping" },
  { name: "dev/null", type: "3", major: 1, minor: 3, mode: 0o666 },
  { name: "dev/sda", type: "4", major: 8, minor: 1, mode: 0o660 },
  { name: "run/fifo", type: "6" },
  { name: "bin", type: "2", link: "usr/bin" },
  { name: "tmp/", mode: 0o1777 },
  { name: "tmp/größe", data: "" },
];

Deno.test({
  ...needs("packRoot() makes a squashfs of all kinds of entries", "sqfstar", "unsquashfs"),
  async fn() {
    using folder = tempDir();
    const image = `${folder.path}/root.squashfs`;
    const packed = await packRoot(streamOf(rawTar(...ENTRIES)), image);
    assert.equal(packed.image, image);
    assert.equal(packed.entries, 13);
    const lines = await listImage(image);
    assert.deepEqual(lines, [
      "drwx--x--x 0/0 ",
      "lrwxrwxrwx 0/0 7 /bin -> usr/bin",
      "drwxr-xr-x 0/0 /dev",
      "crw-rw-rw- 0/0 1, 3 /dev/null",
      "brw-rw---- 0/0 8, 1 /dev/sda",
      "drwxr-xr-x 0/0 /run",
      "prw-r--r-- 0/0 0 /run/fifo",
      "drwxrwxrwt 0/0 /tmp",
      "-rw-r--r-- 0/0 0 /tmp/größe",
      "drwxr-xr-x 0/0 /usr",
      "drwxr-xr-x 0/0 /usr/bin",
      "-rwsr-xr-x 0/0 2 /usr/bin/ping",
      "-rwsr-xr-x 0/0 2 /usr/bin/ping6",
    ]);
    await tool(["unsquashfs", "-no-progress", "-d", `${folder.path}/out`, image]);
    const [ping, ping6] = ["ping", "ping6"].map((it) =>
      Deno.statSync(`${folder.path}/out/usr/bin/${it}`)
    );
    assert.equal(ping?.ino, ping6?.ino);
    assert.deepEqual(namesLeft(folder.path), [
      "out",
      "root.squashfs",
      "root.squashfs.manifest.jsonl",
    ]);
  },
});

Deno.test({
  ...needs("packRoot() writes a manifest, sorted, hard links as files", "sqfstar"),
  async fn() {
    using folder = tempDir();
    const { image } = await packRoot(streamOf(rawTar(...ENTRIES)), `${folder.path}/root`);
    const manifest = await readManifest(image);
    assert.deepEqual(manifest.map(({ path }) => path), [
      ...["/", "/bin", "/dev", "/dev/null", "/dev/sda", "/run", "/run/fifo", "/tmp", "/tmp/größe"],
      ...["/usr", "/usr/bin", "/usr/bin/ping", "/usr/bin/ping6"],
    ]);
    const of = (path: string) => manifest.find((entry) => entry.path === path);
    const root = { uid: 0, gid: 0 };
    assert.deepEqual(of("/"), { path: "/", kind: "directory", mode: 0o711, ...root });
    const ping = { kind: "file", mode: 0o4755, ...root, size: 2, sha256: SHA256_OF_HI };
    assert.deepEqual(of("/usr/bin/ping"), { path: "/usr/bin/ping", ...ping });
    assert.deepEqual(of("/usr/bin/ping6"), { path: "/usr/bin/ping6", ...ping });
    const link = { path: "/bin", kind: "symlink", mode: 0o644, ...root, linkTarget: "usr/bin" };
    assert.deepEqual(of("/bin"), link);
    const device = { path: "/dev/null", kind: "char", mode: 0o666, ...root, major: 1, minor: 3 };
    assert.deepEqual(of("/dev/null"), device);
  },
});

Deno.test({
  ...needs(
    "packRoot() gives the root its mode, owner and time, wherever its entry is",
    "sqfstar",
    "unsquashfs",
  ),
  async fn() {
    using folder = tempDir();
    const root = { name: "./", mode: 0o1751, mtime: 86_400, owner: [5, 6] } as const;
    const file = { name: "f", data: "x", owner: [5, 6] } as const;
    for (const entries of [[root, file], [file, root]]) {
      const { image } = await packRoot(streamOf(rawTar(...entries)), `${folder.path}/root`);
      const text = await listImageDated(image);
      assert.match(text, /^drwxr-x--t 5\/6 +\d+ 1970-01-02 00:00 squashfs-root\n/);
    }
    // Without an entry it belongs to root, and has a fixed time.
    const { image } = await packRoot(streamOf(rawTar({ name: "f", data: "" })), `${folder.path}/b`);
    const text = await listImageDated(image);
    assert.match(text, /^drwxr-xr-x 0\/0 +\d+ 1970-01-01 00:00 squashfs-root\n/);
  },
});

Deno.test({
  ...needs("packRoot() finds the root anywhere in an inode table of many blocks", "sqfstar"),
  async fn() {
    using folder = tempDir();
    // A folder takes 32 bytes in the table, and the root is the last; longer names shift nothing.
    for (let count = 252; count < 260; count++) {
      for (const fifos of [0, 1, 2, 3]) {
        const entries = [
          ...Array.from({ length: count }, (_, index) => ({ name: `d${index}/` })),
          ...Array.from({ length: fifos }, (_, index) => ({ name: `f${index}`, type: "6" })),
        ];
        const tar = rawTar({ name: "./", mode: 0o700, mtime: 86_400 }, ...entries);
        const { image } = await packRoot(streamOf(tar), `${folder.path}/root`);
        assert.deepEqual(readStamp(image), { mode: 0o700, uid: 0, gid: 0, mtime: 86_400 });
        const lines = (await listImageDated(image)).split("\n");
        assert.match(lines[0]!, /^drwx------ 0\/0 +\d+ 1970-01-02 00:00 squashfs-root$/);
        const rest = lines.slice(1).map((line) => line.replace(/\d+$/, ""));
        assert.equal(lines.length, entries.length + 1);
        assert.equal(new Set(rest).size, fifos === 0 ? 1 : 2);
      }
    }
  },
});

Deno.test({
  ...needs("packRoot() gives the root an owner that no other file has", "sqfstar", "unsquashfs"),
  async fn() {
    using folder = tempDir();
    for (const count of [0, 1, 600]) {
      // With more than one block of extended attributes, and with none.
      const files = Array.from({ length: count }, (_, index) => [
        pax(["SCHILY.xattr.user.k", `value ${index}`]),
        { name: `f${index}`, data: `${index}`, owner: [index % 5, 7] as [number, number] },
      ]).flat();
      const plain = { name: "plain", data: "x", owner: [3, 70_000] as [number, number] };
      const tar = rawTar({ name: "./", owner: [12_345, 54_321] }, { name: "d/" }, plain, ...files);
      const { image } = await packRoot(streamOf(tar), `${folder.path}/root`);
      const lines = (await listImageDated(image)).split("\n");
      assert.match(lines[0]!, /^drwxr-xr-x 12345\/54321 .* squashfs-root$/);
      assert.match(lines.at(-1)!, /^-rw-r--r-- 3\/70000 .* squashfs-root\/plain$/);
      assert.deepEqual(readStamp(image), { mode: 0o755, uid: 12_345, gid: 54_321, mtime: 1e9 });
      const out = `${folder.path}/out`;
      await tool(["unsquashfs", "-quiet", "-no-progress", "-user-xattrs", "-d", out, image]);
      for (const index of [0, count - 1].filter((index) => index >= 0 && count > 0)) {
        const value = await tool([
          ...["getfattr", "--only-values", "-n", "user.k"],
          `${out}/f${index}`,
        ]);
        assert.equal(new TextDecoder().decode(value), `value ${index}`);
      }
      Deno.removeSync(out, { recursive: true });
    }
  },
});

Deno.test({
  ...needs("packRoot() gives the same bytes for the same tar", "sqfstar"),
  async fn() {
    using folder = tempDir();
    const content = crypto.getRandomValues(new Uint8Array(60_000));
    const many = Array.from({ length: 40 }, (_, index) => ({ name: `f${index}`, data: content }));
    const tar = rawTar(...ENTRIES, ...many);
    const packed = [];
    for (const name of ["a", "b"]) {
      packed.push(await packRoot(streamOf(tar), `${folder.path}/${name}`));
    }
    const [a, b] = packed;
    assert.deepEqual(Deno.readFileSync(a!.image), Deno.readFileSync(b!.image));
    assert.deepEqual(Deno.readFileSync(a!.manifest), Deno.readFileSync(b!.manifest));
  },
});

Deno.test({
  ...needs(
    "packRoot() keeps xattrs, and hashes the zeros in holes",
    "sqfstar",
    "unsquashfs",
    "getfattr",
  ),
  async fn() {
    using folder = tempDir();
    const map = "1\n4\n1\n".padEnd(512, "\0");
    const sparse = pax(
      ["GNU.sparse.major", "1"],
      ["GNU.sparse.minor", "0"],
      ["GNU.sparse.realsize", "200000"],
    );
    const tar = rawTar(
      pax(["SCHILY.xattr.user.note", "\x00\xff\x80 = \n"]),
      { name: "file", data: "hi" },
      sparse,
      { name: "sparse", data: `${map}x` },
    );
    const { image } = await packRoot(streamOf(tar), `${folder.path}/root`);
    const expected = new Uint8Array(200_000);
    expected[4] = "x".charCodeAt(0);
    assert.deepEqual(await tool(["unsquashfs", "-cat", image, "sparse"]), expected);
    const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", expected)).toHex();
    assert.equal((await readManifest(image)).at(-1)?.sha256, sha256);
    const out = `${folder.path}/out`;
    await tool(["unsquashfs", "-no-progress", "-user-xattrs", "-d", out, image]);
    const value = await tool(["getfattr", "--only-values", "-n", "user.note", `${out}/file`]);
    assert.deepEqual([...value], [0, 0xff, 0x80, 0x20, 0x3d, 0x20, 0x0a]);
  },
});

Deno.test({
  ...needs("packRoot() packs a folder of the host with its owners", "sqfstar", "unsquashfs"),
  async fn() {
    using folder = tempDir();
    const root = `${folder.path}/root`;
    Deno.mkdirSync(`${root}/etc`, { recursive: true });
    Deno.writeTextFileSync(`${root}/etc/name`, "hi");
    Deno.linkSync(`${root}/etc/name`, `${root}/etc/again`);
    Deno.chmodSync(root, 0o750);
    const image = `${folder.path}/image`;
    await packRoot(packTar(["."], { directory: root }), image);
    const owner = `${Deno.uid()}/${Deno.gid()}`;
    const [top, , again, name] = await listImage(image);
    assert.equal(top?.slice(0, 11 + owner.length), `drwxr-x--- ${owner}`);
    assert.equal(again, `-rw-r--r-- ${owner} 2 /etc/again`);
    assert.equal(name, `-rw-r--r-- ${owner} 2 /etc/name`);
  },
});

Deno.test({
  ...needs("packRoot() reports its progress", "sqfstar"),
  async fn() {
    using folder = tempDir();
    const seen: PackProgress[] = [];
    const tar = rawTar(...ENTRIES);
    const onProgress = (progress: PackProgress) => void seen.push(progress);
    await packRoot(streamOf(tar), `${folder.path}/root`, { onProgress });
    assert.equal(seen.length, ENTRIES.length);
    assert.equal(seen.at(-1)?.entries, 13);
    assert.ok(seen.every(({ bytes }, index) => index === 0 || bytes > seen[index - 1]!.bytes));
    assert.ok(seen.at(-1)!.bytes <= tar.length);
  },
});

Deno.test({
  ...needs("packRoot() clamps mtimes to what a squashfs can store", "sqfstar", "unsquashfs"),
  async fn() {
    using folder = tempDir();
    const times = ["-1", "-99999999999", "0", "1.5", "4294967295", "4294967296", "99999999999"];
    const entries = times.flatMap((time, index) => [
      pax(["mtime", time]),
      { name: `f${index}`, data: "" },
    ]);
    await packRoot(
      streamOf(rawTar(pax(["mtime", "-1"]), { name: "./" }, ...entries)),
      `${folder.path}/root`,
    );
    const dates = (await listImageDated(`${folder.path}/root`)).split("\n")
      .map((line) => /\d{4}-\d\d-\d\d \d\d:\d\d/.exec(line)?.[0]);
    const [first, last] = ["1970-01-01 00:00", "2106-02-07 06:28"];
    assert.deepEqual(dates, [first, first, first, first, first, last, last, last]);
  },
});

Deno.test({
  ...needs("packRoot() keeps the bytes of names that are not UTF-8", "sqfstar", "unsquashfs"),
  async fn() {
    using folder = tempDir();
    const name = Uint8Array.of(0x61, 0xff);
    const image = `${folder.path}/root`;
    await packRoot(
      streamOf(rawTar(
        { name, data: "hi" },
        pax(["path", "d\udc80/\udced\udcb2\udc80é"], ["linkpath", "\udcfe"]),
        { name: "link", type: "2" },
        { name: "hard", type: "1", link: name },
      )),
      image,
    );
    const listed = await tool(["unsquashfs", "-l", image]);
    const lines = String.fromCharCode(...listed).split("\n").slice(1, -1);
    assert.deepEqual(lines, [
      "squashfs-root/a\xff",
      "squashfs-root/d\x80",
      "squashfs-root/d\x80/\xed\xb2\x80\xc3\xa9",
      "squashfs-root/hard",
    ]);
    const manifest = await readManifest(image);
    assert.equal(manifest.find(({ path }) => path === "/a\udcff")?.sha256, SHA256_OF_HI);
    const [link] = manifest.filter(({ kind }) => kind === "symlink");
    assert.deepEqual(link?.linkTarget, "\udcfe");
  },
});

const REFUSED: readonly [string, Parameters<typeof rawTar>, RegExp][] = [
  ["a name that leads out", [{ name: "a/../../b", data: "x" }], /its name contains "\.\."/],
  ["an owner of more than 32 bits", [
    pax(["uid", "4294967296"]),
    { name: "f", data: "" },
  ], /"f": an owner has 32 bits: 4294967296/],
  ["a device of more bits than Linux has", [
    { name: "f", type: "3", major: 4096, minor: 1 },
  ], /"f": a device has 12 and 20 bits: 4096, 1/],
  ["a name that comes twice", [{ name: "f", data: "" }, { name: "./f", data: "x" }], /came before/],
  ["a link to nothing", [{ name: "l", type: "1", link: "f" }], /must name a file that came before/],
  ["a file as a parent", [{ name: "f", data: "" }, { name: "f/g", data: "" }], /must be folders/],
  ["a root that is a file", [{ name: "f", data: "" }, { name: ".", data: "x" }], /is a folder/],
];

for (const [what, entries, message] of REFUSED) {
  Deno.test({
    ...needs(`packRoot() refuses ${what}, and leaves nothing`, "sqfstar"),
    async fn() {
      using folder = tempDir();
      const packing = packRoot(streamOf(rawTar(...entries)), `${folder.path}/root`);
      await assert.rejects(packing, { name: "ArchiveError", message });
      assert.deepEqual(namesLeft(folder.path), []);
    },
  });
}

Deno.test({
  ...needs("packRoot() keeps the existing image when the tar is truncated", "sqfstar"),
  async fn() {
    using folder = tempDir();
    const path = `${folder.path}/root`;
    await packRoot(streamOf(rawTar(...ENTRIES)), path);
    const before = [Deno.readFileSync(path), await readManifest(path)];
    const cut = rawTar({ name: "f", data: "x".repeat(100_000) }).subarray(0, 50_000);
    await assert.rejects(packRoot(streamOf(cut), path), { message: /is cut short after 50000/ });
    assert.deepEqual([Deno.readFileSync(path), await readManifest(path)], before);
    assert.deepEqual(namesLeft(folder.path), ["root", "root.manifest.jsonl"]);
  },
});

Deno.test({
  ...needs("packRoot() ends with the reason of its signal, and leaves nothing", "sqfstar"),
  async fn() {
    using folder = tempDir();
    const aborter = new AbortController();
    const cancelled = Promise.withResolvers<void>();
    const half = rawTar({ name: "f", data: "" }, { name: "g", data: "x".repeat(1 << 20) })
      .subarray(0, 1 << 19);
    const tar = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(half),
      cancel: () => cancelled.resolve(),
    });
    const reason = new Error("enough");
    const packing = packRoot(tar, `${folder.path}/root`, {
      signal: aborter.signal,
      onProgress: () => aborter.abort(reason), // once the first file has passed
    });
    await assert.rejects(packing, (error) => error === reason);
    await cancelled.promise;
    assert.deepEqual(namesLeft(folder.path), []);
  },
});

Deno.test("packRoot() tells what to install when sqfstar is missing", async () => {
  using folder = tempDir();
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", "/nowhere");
  try {
    const message = /^there is no program sqfstar: apt-get install squashfs-tools/;
    await assert.rejects(packRoot(streamOf(rawTar()), `${folder.path}/root`), { message });
  } finally {
    Deno.env.set("PATH", path);
  }
  assert.deepEqual(namesLeft(folder.path), []);
});
