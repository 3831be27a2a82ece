import assert from "node:assert/strict";
import { ArchiveError } from "../../src/archive/archive_error.ts";
import { unpackTar } from "../../src/archive/unpack_tar.ts";
import {
  concat,
  cutAt,
  makeTree,
  rawEntry,
  rawPax,
  rawTar,
  rechunk,
  snapshot,
  tempDir,
  tool,
} from "./fixture.ts";

const whole = (tar: Uint8Array): ReadableStream<Uint8Array> => rechunk(tar, 1 << 20);
const names = (path: string): string[] =>
  [...Deno.readDirSync(path)].map(({ name }) => name).sort();

/** A tree whose mtimes are whole seconds, which every format can store. */
async function makeZoo(root: string): Promise<void> {
  makeTree(root, {
    "a/b/file": "content",
    "a/exact": new Uint8Array(1024).fill(1),
    "a/none": { dir: true },
    "a/link": { link: "b/file" },
    "a/up": { link: "../z" },
    [`${"d".repeat(80)}/${"e".repeat(80)}`]: "fits into prefix and name",
    ["n".repeat(180)]: "long name",
    "longlink": { link: "t".repeat(180) },
    "z": "",
    "ünï": "unicode",
  });
  Deno.linkSync(`${root}/a/b/file`, `${root}/z2`);
  Deno.chmodSync(`${root}/a/none`, 0o555);
  Deno.chmodSync(`${root}/a/exact`, 0o400);
  await tool(["find", root, "-exec", "touch", "-hd", "@1000000000", "{}", ";"]);
}

for (const format of ["gnu", "posix", "oldgnu", "ustar"]) {
  Deno.test(`unpackTar() unpacks the format ${format} of GNU tar`, async () => {
    using dir = tempDir();
    await makeZoo(`${dir.path}/in`);
    if (format === "ustar") {
      // Names that ustar cannot store.
      Deno.removeSync(`${dir.path}/in/longlink`);
      Deno.removeSync(`${dir.path}/in/${"n".repeat(180)}`);
    }
    const tar = await tool(["tar", "-C", `${dir.path}/in`, `--format=${format}`, "-c", "."]);
    await unpackTar(whole(tar), `${dir.path}/out`);
    assert.deepEqual(snapshot(`${dir.path}/out`), snapshot(`${dir.path}/in`));
  });
}

Deno.test("unpackTar() unpacks archives of bsdtar", async () => {
  using dir = tempDir();
  await makeZoo(`${dir.path}/in`);
  const tar = await tool(["bsdtar", "-C", `${dir.path}/in`, "-cf", "-", "."]);
  await unpackTar(whole(tar), `${dir.path}/out`);
  assert.deepEqual(snapshot(`${dir.path}/out`), snapshot(`${dir.path}/in`));
});

Deno.test("unpackTar() unpacks the same for any chunks", async () => {
  using dir = tempDir();
  const tar = rawTar(
    rawPax("20 path=d/long-name\n"),
    { name: "x", data: "first" },
    { name: "././@LongLink", type: "L", data: "d/second\0" },
    { name: "y", data: "y".repeat(600) },
    { name: "d/link", type: "2", link: "second" },
  );
  await unpackTar(whole(tar), `${dir.path}/expected`);
  const expected = snapshot(`${dir.path}/expected`);
  assert.equal(expected.length, 4);
  // The directory itself is new each time, so its mtime is not compared.
  const files = (path: string): string[] => snapshot(path).slice(1);
  for (let cut = 0; cut <= tar.length; cut++) {
    await unpackTar(cutAt(tar, cut), `${dir.path}/out`);
    assert.deepEqual(files(`${dir.path}/out`), files(`${dir.path}/expected`), `cut at ${cut}`);
    Deno.removeSync(`${dir.path}/out`, { recursive: true });
  }
  await unpackTar(rechunk(tar, 1), `${dir.path}/out`);
  assert.deepEqual(files(`${dir.path}/out`), files(`${dir.path}/expected`));
});

for (const flags of [["--format=gnu"], ["0.0"], ["0.1"], ["1.0"]]) {
  Deno.test(`unpackTar() unpacks sparse files of ${flags[0]}`, async () => {
    using dir = tempDir();
    Deno.mkdirSync(`${dir.path}/in`);
    {
      using file = Deno.openSync(`${dir.path}/in/sparse`, { write: true, create: true });
      // More pieces than the four that fit into a GNU header, and a hole at the end.
      for (let piece = 0; piece < 40; piece++) {
        file.seekSync(piece * 200_000 + 4096, Deno.SeekMode.Start);
        file.writeSync(new Uint8Array(5000).fill(piece + 1));
      }
      file.truncateSync(20_000_000);
    }
    const format = flags[0]!.startsWith("--")
      ? flags
      : ["--format=posix", `--sparse-version=${flags[0]}`];
    const tar = await tool(["tar", "-C", `${dir.path}/in`, "-S", ...format, "-c", "sparse"]);
    assert.ok(tar.length < 1_000_000, "GNU tar found no holes: the test says nothing");
    await unpackTar(rechunk(tar, 1000), `${dir.path}/out`);
    await tool(["cmp", `${dir.path}/in/sparse`, `${dir.path}/out/sparse`]);
    assert.ok(Deno.statSync(`${dir.path}/out/sparse`).blocks! * 512 < 5_000_000);
  });
}

Deno.test("unpackTar() accepts names as modern and old archivers write them", async () => {
  using dir = tempDir();
  const tar = rawTar(
    rawPax("19 comment=abcdefg\n", "g"),
    { name: "old/", type: "\0", magic: "" },
    { name: "./old//file", type: "\0", magic: "", data: "v7" },
    { name: "contiguous", type: "7", data: "7" },
    { name: "label", type: "V" },
  );
  // A volume label is not an entry, but a header in front of one.
  const end = tar.length - 1024;
  const both = concat(tar.subarray(0, end), rawTar({ name: "last" }));
  await unpackTar(whole(both), `${dir.path}/out`);
  assert.deepEqual(names(`${dir.path}/out`), ["contiguous", "last", "old"]);
  assert.equal(Deno.readTextFileSync(`${dir.path}/out/old/file`), "v7");
});

Deno.test("unpackTar() drops setuid and does not give files away", async () => {
  using dir = tempDir();
  await unpackTar(whole(rawTar({ name: "f", mode: 0o6755 })), `${dir.path}/out`);
  const stat = Deno.statSync(`${dir.path}/out/f`);
  assert.equal(stat.mode! & 0o7777, 0o755);
  assert.equal(stat.uid, Deno.uid());
});

Deno.test("unpackTar() sets the mode of directories only once their content is complete", async () => {
  using dir = tempDir();
  const tar = rawTar(
    { name: "d/", type: "5", mode: 0o500 },
    { name: "d/e/", type: "5", mode: 0 },
    { name: "d/e/f/", type: "5", mode: 0o711 },
    { name: "d/e/f/g", data: "g" },
  );
  await unpackTar(whole(tar), `${dir.path}/out`);
  const modes = ["d", "d/e", "d/e/f"].map((path) => {
    const { mode } = Deno.lstatSync(`${dir.path}/out/${path}`);
    Deno.chmodSync(`${dir.path}/out/${path}`, 0o700);
    return mode! & 0o777;
  });
  assert.deepEqual(modes, [0o500, 0, 0o711]);
});

Deno.test("unpackTar() lets a later entry replace an earlier one of the same name", async () => {
  using dir = tempDir();
  const tar = rawTar(
    { name: "t", data: "target" },
    { name: "f", type: "2", link: "t" },
    { name: "f", data: "new" },
  );
  await unpackTar(whole(tar), `${dir.path}/out`);
  assert.equal(Deno.readTextFileSync(`${dir.path}/out/f`), "new");
  assert.equal(Deno.readTextFileSync(`${dir.path}/out/t`), "target");
});

Deno.test("unpackTar() merges into an existing directory", async () => {
  using dir = tempDir();
  const out = `${dir.path}/out`;
  makeTree(dir.path, { outside: "outside" });
  makeTree(out, { "d/old": "old", "d/both": "old", "l": { link: "../outside" } });
  const before = Deno.statSync(out).ino;
  const tar = rawTar(
    { name: "d/", type: "5", mode: 0o750 },
    { name: "d/both", data: "new" },
    { name: "d/sub/new", data: "new" },
    { name: "l", data: "file" },
  );
  await unpackTar(whole(tar), out);
  assert.equal(Deno.statSync(out).ino, before);
  assert.deepEqual(names(`${out}/d`), ["both", "old", "sub"]);
  assert.equal(Deno.readTextFileSync(`${out}/d/both`), "new");
  assert.equal(Deno.statSync(`${out}/d`).mode! & 0o777, 0o750);
  assert.equal(Deno.readTextFileSync(`${out}/l`), "file");
  assert.equal(Deno.readTextFileSync(`${dir.path}/outside`), "outside");
  assert.deepEqual(names(dir.path), ["out", "outside"]);
});

Deno.test("unpackTar() follows a symlink that is the target itself", async () => {
  using dir = tempDir();
  makeTree(dir.path, { real: { dir: true }, link: { link: "real" } });
  await unpackTar(whole(rawTar({ name: "f" })), `${dir.path}/link`);
  assert.deepEqual(names(`${dir.path}/real`), ["f"]);
  assert.ok(Deno.lstatSync(`${dir.path}/link`).isSymlink);
});

for (
  const [what, tree, entry] of [
    ["a file over a directory", { "x/keep": "" }, { name: "x", data: "new" }],
    ["a directory over a file", { "x": "keep" }, { name: "x/", type: "5" }],
    ["a directory over a symlink", { "x": { link: "/tmp" } }, { name: "x/y", data: "new" }],
  ] as const
) {
  Deno.test(`unpackTar() refuses ${what}, and changes nothing`, async () => {
    using dir = tempDir();
    makeTree(`${dir.path}/out`, { ...tree, "a": "old" });
    const before = snapshot(dir.path);
    const tar = rawTar({ name: "a", data: "new" }, entry);
    await assert.rejects(
      unpackTar(whole(tar), `${dir.path}/out`),
      /ArchiveError: cannot unpack "x"/,
    );
    assert.deepEqual(snapshot(dir.path).slice(1), before.slice(1));
  });
}

Deno.test("unpackTar() refuses a target that is not a directory", async () => {
  using dir = tempDir();
  makeTree(dir.path, { f: "", dangling: { link: "none" } });
  for (const target of ["f", "dangling"]) {
    const unpacking = unpackTar(whole(rawTar()), `${dir.path}/${target}`);
    await assert.rejects(unpacking, /cannot unpack into .* must be a directory/);
  }
});

Deno.test("unpackTar() refuses every archive that is cut short, and leaves nothing", async () => {
  using dir = tempDir();
  const tar = rawTar(
    rawPax("20 path=d/long-name\n"),
    { name: "x", data: "first" },
    { name: "d/", type: "5" },
  );
  const ends = [2048, 2560, 3072]; // after an entry, the last one, and one zero block
  for (let length = 0; length < tar.length; length++) {
    if (ends.includes(length)) continue;
    const unpacking = unpackTar(whole(tar.subarray(0, length)), `${dir.path}/out`);
    await assert.rejects(
      unpacking,
      /^ArchiveError: cannot read .*(the (tar )?archive is cut short after [0-9]+ bytes|the archive ends after one, at byte [0-9]+|the input is empty)/,
      `${length}`,
    );
  }
  assert.deepEqual(names(dir.path), []);
});

Deno.test("unpackTar() refuses garbage", async () => {
  using dir = tempDir();
  for (
    const garbage of [
      new Uint8Array(2048).fill(65),
      new TextEncoder().encode("hello".repeat(1000)),
      concat(rawEntry({ name: "a" }), new Uint8Array(1024).fill(1)),
      concat(rawEntry({ name: "a" }), new Uint8Array(512), rawTar({ name: "b" })),
    ]
  ) {
    await assert.rejects(unpackTar(whole(garbage), `${dir.path}/out`), ArchiveError);
  }
  assert.deepEqual(names(dir.path), []);
});

Deno.test("unpackTar() reads what follows the end-of-archive", async () => {
  using dir = tempDir();
  let taken = 0;
  const tar = concat(rawTar({ name: "f" }), new Uint8Array(20_000).fill(1));
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      taken += chunk.length;
      controller.enqueue(chunk);
    },
  });
  await unpackTar(rechunk(tar, 700).pipeThrough(counted), `${dir.path}/out`);
  assert.equal(taken, tar.length);
});

Deno.test("unpackTar() cancels the archive with the reason when it refuses", async () => {
  using dir = tempDir();
  let reason: unknown;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(rawEntry({ name: "../x" })),
    cancel: (given) => {
      reason = given;
    },
  });
  await assert.rejects(unpackTar(endless, `${dir.path}/out`), (error) => error === reason);
  assert.ok(reason instanceof ArchiveError);
});

Deno.test("unpackTar() passes on the failure of the stream, and leaves nothing", async () => {
  using dir = tempDir();
  const failure = new Error("the stage before it failed");
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(rawEntry({ name: "f", data: "x" })),
    pull: (controller) => controller.error(failure),
  }, { highWaterMark: 0 });
  await assert.rejects(unpackTar(broken, `${dir.path}/out`), (error) => error === failure);
  assert.deepEqual(names(dir.path), []);
});

Deno.test("unpackTar() reports its staging directory before it makes it and after", async () => {
  using dir = tempDir();
  const events: string[] = [];
  const note = (event: string, path: string): void => {
    const isThere = names(dir.path).includes(path.slice(dir.path.length + 1));
    events.push(`${event} ${isThere ? "there" : "not there"}`);
  };
  let staging = "";
  const archive = new ReadableStream<Uint8Array>({
    pull(controller) {
      note("reading", staging);
      assert.equal(Deno.statSync(staging).mode! & 0o777, 0o700);
      controller.enqueue(rawTar({ name: "f" }));
      controller.close();
    },
  }, { highWaterMark: 0 });
  await unpackTar(archive, `${dir.path}/out`, {
    onStaging(path) {
      staging = path;
      note("registered", path);
      return { [Symbol.dispose]: () => note("disposed", path) };
    },
  });
  assert.match(staging.slice(dir.path.length), /^\/\.out\.execvm-[0-9a-f]{8}$/);
  assert.deepEqual(events, ["registered not there", "reading there", "disposed not there"]);
});

Deno.test("unpackTar() disposes the registration when it refuses", async () => {
  using dir = tempDir();
  let disposed = 0;
  const onStaging = () => ({ [Symbol.dispose]: () => void disposed++ });
  const hostile = whole(rawTar({ name: "ok" }, { name: "/x" }));
  await assert.rejects(unpackTar(hostile, `${dir.path}/out`, { onStaging }), ArchiveError);
  assert.equal(disposed, 1);
});
