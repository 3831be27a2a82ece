import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { ArchiveError } from "../../src/archive/archive_error.ts";
import { unpackTar } from "../../src/archive/unpack_tar.ts";
import { type RawEntry, rawPax, rawTar, rechunk, snapshot, tempDir } from "./fixture.ts";

const pax = (key: string, value: string): RawEntry => {
  const rest = ` ${key}=${value}\n`;
  const bytes = new TextEncoder().encode(rest).length;
  return rawPax(`${bytes + String(bytes + 2).length}${rest}`);
};
const link = (name: string, target: string): RawEntry => ({ name, type: "2", link: target });
const hardLink = (name: string, target: string): RawEntry => ({ name, type: "1", link: target });

const HOSTILE: Record<string, RawEntry[]> = {
  "an absolute name": [{ name: "/abs" }],
  "a name with ..": [{ name: "a/../../x" }],
  "a name that is ..": [{ name: ".." }],
  "a directory with ..": [{ name: "../d/", type: "5" }],
  "an absolute pax path": [pax("path", "/abs"), { name: "x" }],
  "a pax path with ..": [pax("path", "a/../../x"), { name: "x" }],
  "a GNU long name with ..": [{ name: "L", type: "L", data: "../x\0" }, { name: "x" }],
  "a NUL in a pax path": [pax("path", "a\0b"), { name: "x" }],
  "a NUL in a pax linkpath": [pax("linkpath", "a\0b"), link("x", "y")],
  "an empty name": [{ name: "" }],
  "a file as the folder itself": [{ name: "./" + "." }],
  "a symlink as the folder itself": [link(".", "a")],
  "a name that is not UTF-8": [{ name: new Uint8Array([0x61, 0xff]) }],
  "an absolute symlink": [link("x", "/etc")],
  "a symlink that goes up too far": [link("d/x", "../../e")],
  "a symlink that goes up from the top": [link("x", "..")],
  "a symlink that goes up after a name": [link("d/x", "y/../../e")],
  "an empty symlink": [link("x", "")],
  "a file below a symlink": [{ name: "d/", type: "5" }, link("x", "d"), { name: "x/f" }],
  "a directory below a symlink": [link("x", "d"), { name: "x/f/", type: "5" }],
  "a directory at a symlink": [{ name: "d/", type: "5" }, link("x", "d"), {
    name: "x/",
    type: "5",
  }],
  "a symlink below a symlink": [{ name: "d/", type: "5" }, link("x", "d"), link("x/y", "z")],
  "a file below a file": [{ name: "f" }, { name: "f/x" }],
  "a file over a directory": [{ name: "d/f" }, { name: "d" }],
  "a symlink over a directory": [{ name: "d/", type: "5" }, link("d", "e")],
  "a hard link to outside": [hardLink("x", "../../etc/passwd")],
  "a hard link to an absolute path": [hardLink("x", "/etc/passwd")],
  "a hard link to nothing": [hardLink("x", "nothing")],
  "a hard link to a symlink": [{ name: "f" }, link("s", "f"), hardLink("x", "s")],
  "a hard link to a directory": [{ name: "d/", type: "5" }, hardLink("x", "d")],
  "a hard link through a symlink": [{ name: "d/f" }, link("s", "d"), hardLink("x", "s/f")],
  "a character device": [{ name: "x", type: "3", major: 1, minor: 3 }],
  "a block device": [{ name: "x", type: "4" }],
  "a fifo": [{ name: "x", type: "6" }],
  "an unknown type": [{ name: "x", type: "Q" }],
  "a continued volume": [{ name: "x", type: "M", data: "rest" }],
  "a huge extended header": [{ name: "x", type: "x", size: 0o77777777777 }],
  "a malformed pax record": [rawPax("99 path=x\n"), { name: "x" }],
  "a pax record that ends nowhere": [rawPax("path"), { name: "x" }],
  "a pax size that is not a number": [pax("size", "1e3"), { name: "x" }],
  "a sparse map that does not fit": [
    pax("GNU.sparse.size", "10"),
    pax("GNU.sparse.map", "0,5,3,5"),
    { name: "x", data: "0123456789" },
  ],
  "a sparse map beyond the size": [
    pax("GNU.sparse.size", "1"),
    pax("GNU.sparse.map", "0,5"),
    { name: "x", data: "01234" },
  ],
};

for (const [what, entries] of Object.entries(HOSTILE)) {
  Deno.test(`unpackTar() refuses ${what}, and leaves nothing`, async () => {
    using dir = tempDir();
    Deno.mkdirSync(`${dir.path}/in`);
    const tar = rawTar({ name: "first", data: "1" }, ...entries, { name: "last" });
    await assert.rejects(unpackTar(rechunk(tar, 4096), `${dir.path}/in/out`), (error: Error) => {
      assert.ok(error instanceof ArchiveError, error.stack);
      assert.match(error.message, /^cannot (unpack|read) .+: .+: .+$/);
      return true;
    });
    assert.deepEqual([...Deno.readDirSync(`${dir.path}/in`)], []);
  });
}

Deno.test("unpackTar() accepts symlinks that stay inside", async () => {
  using dir = tempDir();
  const tar = rawTar(
    { name: "a/b/", type: "5" },
    { name: "f", data: "f" },
    link("a/b/up", "../../f"),
    link("a/top", ".."),
    link("a/b/deep", "../.././a/./top"),
    link("dangling", "no/where"),
  );
  await unpackTar(rechunk(tar, 4096), `${dir.path}/out`);
  assert.equal(Deno.readTextFileSync(`${dir.path}/out/a/b/up`), "f");
  assert.equal(Deno.readTextFileSync(`${dir.path}/out/a/b/deep/f`), "f");
});

Deno.test("unpackTar() never reaches outside, whatever the entries", async () => {
  const part = fc.constantFrom("a", "b", "..", ".", "", "c");
  const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
  const entry = fc.record({
    name: path,
    type: fc.constantFrom("0", "1", "2", "2", "5"),
    link: path,
    data: fc.constant("hostile"),
  }).map((entry) => entry.type === "0" ? entry : { ...entry, data: "" });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 8 }), async (entries) => {
      using dir = tempDir();
      Deno.mkdirSync(`${dir.path}/1/2/3`, { recursive: true });
      Deno.writeTextFileSync(`${dir.path}/1/a`, "outside");
      const outside = (): string[] => snapshot(dir.path).filter((line) => !line.includes("1/2/3"));
      const before = outside();
      const out = `${dir.path}/1/2/3/out`;
      const isDone = await unpackTar(rechunk(rawTar(...entries), 4096), out).then(
        () => true,
        (error) => assert.ok(error instanceof ArchiveError, error.stack),
      );
      assert.deepEqual(outside(), before);
      if (!isDone) return assert.deepEqual([...Deno.readDirSync(`${dir.path}/1/2/3`)], []);
      assertStaysInside(out, out);
    }),
    { numRuns: 500 },
  );
});

/** Checks that no symlink below `at` leads out of `root`. */
function assertStaysInside(root: string, at: string): void {
  for (const { name, isDirectory, isSymlink } of Deno.readDirSync(at)) {
    if (isDirectory) assertStaysInside(root, `${at}/${name}`);
    if (!isSymlink) continue;
    let real: string;
    try {
      real = Deno.realPathSync(`${at}/${name}`);
    } catch {
      continue; // It is dangling, or refers to itself.
    }
    assert.ok(`${real}/`.startsWith(`${Deno.realPathSync(root)}/`), `${at}/${name} -> ${real}`);
  }
}
