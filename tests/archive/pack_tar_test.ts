import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "npm:fast-check@4.10.2";
import { ArchiveError } from "../../src/archive/archive_error.ts";
import { checkTarPaths, packTar } from "../../src/archive/pack_tar.ts";
import { unpackTar } from "../../src/archive/unpack_tar.ts";
import { collect, concat, makeTree, snapshot, tempDir, tool } from "./fixture.ts";

const isRoot = Deno.uid() === 0;
const decoder = new TextDecoder();

async function list(tar: Uint8Array, ...flags: string[]): Promise<string[]> {
  return decoder.decode(await tool(["tar", "--quoting-style=literal", ...flags, "-t"], tar))
    .split("\n").slice(0, -1);
}

/** A tree with one of everything that an unprivileged user can make. */
function makeZoo(root: string): void {
  makeTree(root, {
    "zoo/b/file": "content",
    "zoo/a/empty": "",
    "zoo/a/none": { dir: true },
    "zoo/link": { link: "b/file" },
    "zoo/dangling": { link: "no/where" },
    "zoo/ünï/日本語 \n.txt": "unicode",
    "zoo/exact": new Uint8Array(512).fill(7),
    "zoo/big": randomBytes(60_000),
    [`zoo/${"d".repeat(90)}/${"e".repeat(90)}/f`]: "split name",
    [`zoo/${"g".repeat(200)}`]: "pax name",
    "zoo/longlink": { link: "t".repeat(300) },
  });
  Deno.linkSync(`${root}/zoo/b/file`, `${root}/zoo/second`);
  Deno.chmodSync(`${root}/zoo/exact`, 0o640);
  Deno.chmodSync(`${root}/zoo/a`, 0o1755);
  Deno.utimeSync(`${root}/zoo/exact`, 1, 1);
  Deno.utimeSync(`${root}/zoo/a/empty`, new Date(-5000), new Date(-5000));
}

Deno.test("packTar() is unpacked by GNU tar into the same tree", async () => {
  using dir = tempDir();
  makeZoo(dir.path);
  Deno.mkdirSync(`${dir.path}/out`);
  const tar = await collect(packTar(["zoo"], { directory: dir.path }));
  await tool(["tar", "-C", `${dir.path}/out`, "-xp"], tar);
  assert.deepEqual(snapshot(`${dir.path}/out/zoo`), snapshot(`${dir.path}/zoo`));
});

Deno.test("packTar() is unpacked by bsdtar into the same tree", async () => {
  using dir = tempDir();
  makeZoo(dir.path);
  Deno.mkdirSync(`${dir.path}/out`);
  const tar = await collect(packTar(["zoo"], { directory: dir.path }));
  await tool(["bsdtar", "-C", `${dir.path}/out`, "-xpf", "-"], tar);
  assert.deepEqual(snapshot(`${dir.path}/out/zoo`), snapshot(`${dir.path}/zoo`));
});

Deno.test("packTar() has no difference that GNU tar --compare finds", async () => {
  using dir = tempDir();
  makeZoo(dir.path);
  // GNU tar compares fractions of a second when an entry has a pax header.
  await tool(["find", dir.path, "-exec", "touch", "-hd", "@1000000000", "{}", ";"]);
  const tar = await collect(packTar(["zoo"], { directory: dir.path }));
  await tool(["tar", "-C", dir.path, "--compare"], tar);
});

Deno.test("packTar() gives the same bytes each time, sorted by name", async () => {
  using dir = tempDir();
  makeTree(dir.path, { "t/b": "", "t/a/z": "", "t/a/y": "", "t/B": "" });
  const options = { directory: dir.path };
  const tar = await collect(packTar(["t"], options));
  assert.deepEqual(await list(tar), ["t/", "t/B", "t/a/", "t/a/y", "t/a/z", "t/b"]);
  assert.deepEqual(await collect(packTar(["t"], options)), tar);
});

Deno.test("packTar() overrides mtime and owner", async () => {
  using dir = tempDir();
  makeTree(dir.path, { f: "" });
  const options = { directory: dir.path, mtime: 1, owner: { uid: 3_000_000, gid: 7 } };
  const tar = await collect(packTar(["f"], options));
  const [line] = await list(tar, "-v", "--numeric-owner", "--full-time");
  assert.match(line!, / 3000000\/7 +0 1970-01-01 00:00:01 f$/);
});

Deno.test("packTar() names members as GNU tar does", async () => {
  using dir = tempDir();
  makeTree(dir.path, { "in/f": "", "g": "" });
  const directory = `${dir.path}/in`;
  const paths = ["./f", "../g", "f", ".", "..//in/./f", `${dir.path}/g`];
  const ours = await list(await collect(packTar(paths, { directory })));
  const theirs = await list(await tool(["tar", "-C", directory, "-c", ...paths]));
  // GNU tar lists the content of `.` in directory order; here it is only one file.
  assert.deepEqual(ours, theirs);
});

Deno.test("packTar() links two names of one file only when both are packed", async () => {
  using dir = tempDir();
  makeTree(dir.path, { "a": "one" });
  Deno.linkSync(`${dir.path}/a`, `${dir.path}/b`);
  const both = await list(await collect(packTar(["b", "a"], { directory: dir.path })), "-v");
  assert.match(both[1]!, /^h.* a link to b$/);
  const twice = await list(await collect(packTar(["b", "b"], { directory: dir.path })), "-v");
  assert.match(twice[1]!, /^-.* b$/);
});

Deno.test("packTar() packs fifos and leaves out sockets", async () => {
  using dir = tempDir();
  await tool(["mkfifo", `${dir.path}/fifo`]);
  using _socket = Deno.listen({ transport: "unix", path: `${dir.path}/socket` });
  const lines = await list(await collect(packTar(["."], { directory: dir.path })), "-v");
  assert.equal(lines.length, 2);
  assert.match(lines[1]!, /^p.* \.\/fifo$/);
});

Deno.test({
  name: "packTar() packs device nodes with their numbers",
  ignore: !isRoot,
  fn: async () => {
    using dir = tempDir();
    await tool(["mknod", `${dir.path}/null`, "c", "1", "3"]);
    await tool(["mknod", `${dir.path}/disk`, "b", "259", "70000"]);
    const tar = await collect(packTar(["null", "disk"], { directory: dir.path }));
    const lines = await list(tar, "-v");
    assert.match(lines[0]!, /^c.* 1,3 /);
    assert.match(lines[1]!, /^b.* 259,70000 /);
  },
});

Deno.test("packTar() of nothing is an empty archive", async () => {
  assert.deepEqual(await collect(packTar([])), new Uint8Array(1024));
});

Deno.test("packTar() collects small files into chunks of up to 1 MiB", async () => {
  using dir = tempDir();
  const content = new Uint8Array(5000);
  makeTree(dir.path, Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, content])));
  const sizes: number[] = [];
  for await (const chunk of packTar(["."], { directory: dir.path })) sizes.push(chunk.length);
  assert.ok(Math.max(...sizes) <= 1 << 20, `${sizes}`);
  assert.ok(sizes.length <= 4, `${sizes}`);
});

Deno.test("packTar() does not change a chunk after handing it out", async () => {
  using dir = tempDir();
  makeTree(dir.path, {
    a: randomBytes(3_000_000),
    b: randomBytes(100_000),
    c: randomBytes(200_000),
  });
  const whole = await collect(packTar(["."], { directory: dir.path }));
  const kept: Uint8Array[] = [];
  for await (const chunk of packTar(["."], { directory: dir.path })) {
    kept.push(chunk.slice());
    // A transferred buffer is detached: any remaining view of it would be empty.
    structuredClone(chunk.buffer, { transfer: [chunk.buffer as ArrayBuffer] });
  }
  assert.deepEqual(concat(...kept), whole);
});

Deno.test("packTar() opens nothing before the first read", async () => {
  const stream = packTar(["/nonexistent/x"]);
  await new Promise((resolve) => setTimeout(resolve));
  await assert.rejects(collect(stream), /cannot pack "\/nonexistent\/x": .*No such file/);
});

Deno.test("packTar() reads no more than one chunk ahead of a slow reader", async () => {
  using dir = tempDir();
  const path = `${dir.path}/f`;
  Deno.writeFileSync(path, new Uint8Array());
  Deno.truncateSync(path, 64 << 20);
  const reader = packTar(["f"], { directory: dir.path }).getReader();
  for (let chunks = 0; chunks < 3; chunks++) await reader.read();
  // Long enough to read all of it without back-pressure.
  for (let turns = 0; turns < 200; turns++) await Deno.stat(path);
  assert.ok(positionOf(path)! <= 4 << 20, `${positionOf(path)}`);
  await reader.cancel();
  assert.equal(positionOf(path), undefined);
});

Deno.test("packTar() closes a file that it is reading ahead when it is cancelled", async () => {
  using dir = tempDir();
  const path = `${dir.path}/f`;
  Deno.writeFileSync(path, new Uint8Array());
  Deno.truncateSync(path, 64 << 20);
  for (let round = 0; round < 20; round++) {
    const reader = packTar(["f"], { directory: dir.path }).getReader();
    await reader.read();
    await reader.read();
    await reader.cancel();
    assert.equal(positionOf(path), undefined);
  }
});

/** The read offset of a file in this process; undefined if it is not open. */
function positionOf(path: string): number | undefined {
  for (const { name: fd } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (Deno.readLinkSync(`/proc/self/fd/${fd}`) !== path) continue;
      return Number(/pos:\s*(\d+)/.exec(Deno.readTextFileSync(`/proc/self/fdinfo/${fd}`))![1]);
    } catch {
      // The descriptor that the directory is listed with is closed by now.
    }
  }
  return undefined;
}

Deno.test("packTar() lets timers run while it packs small files", async () => {
  using dir = tempDir();
  makeTree(dir.path, Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`f${i}`, "x"])));
  let fired = 0;
  const timer = setInterval(() => fired++, 1);
  await collect(packTar(["."], { directory: dir.path }));
  clearInterval(timer);
  assert.ok(fired > 0);
});

Deno.test("packTar() packs a growing file at its first size", async () => {
  using dir = tempDir();
  const path = `${dir.path}/f`;
  Deno.writeFileSync(path, new Uint8Array(5_000_000));
  const stream = packTar(["f"], { directory: dir.path });
  const reader = stream.getReader();
  const head = (await reader.read()).value!;
  reader.releaseLock();
  Deno.writeFileSync(path, new Uint8Array(9_000_000), { append: true });
  const [line] = await list(concat(head, await collect(stream)), "-v");
  assert.match(line!, / 5000000 /);
});

Deno.test("packTar() fails with the name of a file that shrinks", async () => {
  using dir = tempDir();
  const path = `${dir.path}/f`;
  Deno.writeFileSync(path, new Uint8Array(5_000_000));
  const stream = packTar(["f"], { directory: dir.path });
  const reader = stream.getReader();
  await reader.read();
  reader.releaseLock();
  Deno.truncateSync(path, 1_100_000);
  await assert.rejects(collect(stream), (error: Error) => {
    assert.ok(error instanceof ArchiveError);
    assert.match(
      error.message,
      /^cannot pack ".*\/f": a file must not shrink .* of 5000000 bytes$/,
    );
    return true;
  });
});

Deno.test("checkTarPaths() names the first path that is missing", async () => {
  using dir = tempDir();
  makeTree(dir.path, { "d/f": "", "l": { link: "nowhere" } });
  const options = { directory: dir.path };
  await checkTarPaths(["d", "d/f", "l"], options);
  await assert.rejects(
    checkTarPaths(["d", "no", "none"], options),
    /^ArchiveError: cannot pack ".*\/no": /,
  );
});

Deno.test("checkTarPaths() names a path that cannot be read", async () => {
  using dir = tempDir();
  makeTree(dir.path, { f: "" });
  Deno.chmodSync(dir.path, 0o755);
  Deno.chmodSync(`${dir.path}/f`, 0);
  using _nobody = becomeNobody(); // root may read everything
  await assert.rejects(checkTarPaths(["f"], { directory: dir.path }), /cannot pack ".*\/f": /);
});

/** Makes this process access files as an unprivileged user until disposed, if it is root. */
function becomeNobody(): Disposable {
  if (!isRoot) return { [Symbol.dispose]() {} };
  const libc = Deno.dlopen("libc.so.6", { seteuid: { parameters: ["u32"], result: "i32" } });
  assert.equal(libc.symbols.seteuid(65534), 0);
  return {
    [Symbol.dispose]() {
      assert.equal(libc.symbols.seteuid(0), 0);
      libc.close();
    },
  };
}

Deno.test("packTar() and unpackTar() reproduce any tree", async () => {
  const name = fc.string({ unit: "binary", minLength: 1, maxLength: 60 }).filter((text) =>
    !/[/\0]/.test(text) && text !== "." && text !== ".." && text.isWellFormed()
  );
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const mode = fc.integer({ min: 0o700, max: 0o777 });
  const file = fc.record({ path, mode, data: fc.uint8Array({ maxLength: 1500 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(file, { maxLength: 8 }), async (files) => {
      using dir = tempDir();
      Deno.mkdirSync(`${dir.path}/in`);
      for (const { path, mode, data } of files) {
        try {
          makeTree(`${dir.path}/in`, { [path]: data });
          Deno.chmodSync(`${dir.path}/in/${path}`, mode);
        } catch {
          // A file is where another path needs a directory: leave that path out.
        }
      }
      await unpackTar(packTar(["."], { directory: `${dir.path}/in` }), `${dir.path}/out`);
      assert.deepEqual(snapshot(`${dir.path}/out`), snapshot(`${dir.path}/in`));
    }),
    { numRuns: 60 },
  );
});
