import assert from "node:assert/strict";
import { packTar } from "../../src/archive/pack_tar.ts";
import { unpackTar } from "../../src/archive/unpack_tar.ts";
import { OpenCopies } from "../../src/copy/open_copies.ts";
import { MissingPath, type RemoteFiles } from "../../src/runners/contract/copies.ts";
import { tempDir } from "../support/temp_dir.ts";

/** Files in a folder of this machine in place of those of a runner. */
function filesIn(root: string): RemoteFiles {
  return {
    unpack: (tar, base) => unpackTar(tar, `${root}/${base}`),
    pack(path) {
      try {
        Deno.lstatSync(`${root}/root${path}`);
        return packTar([path.slice(1)], { directory: `${root}/root` });
      } catch {
        return new ReadableStream({ start: (controller) => controller.error(new MissingPath()) });
      }
    },
  };
}

const SUCCESS = { code: 0 } as const;
const FAILURE = { code: 1 } as const;

Deno.test("files below the root and in the folder of the run are unpacked apart", async () => {
  using temp = tempDir();
  const text = (words: string) => new TextEncoder().encode(words);
  using copies = await OpenCopies.open({ files: { "/a/b": text("1"), "a/b": text("2") } }, []);
  await copies.copyIn(filesIn(temp.path));
  assert.equal(Deno.readTextFileSync(`${temp.path}/root/a/b`), "1");
  assert.equal(Deno.readTextFileSync(`${temp.path}/private/a/b`), "2");
});

Deno.test("an output is only seen once it is committed, and not at all once it is aborted", async () => {
  using temp = tempDir();
  Deno.mkdirSync(`${temp.path}/root`);
  Deno.writeTextFileSync(`${temp.path}/root/x`, "new");
  for (const [settle, expected] of [["abort", "old"], ["commit", "new"]] as const) {
    Deno.writeTextFileSync(`${temp.path}/x`, "old");
    using copies = await OpenCopies.open({ outputs: { "/x": `${temp.path}/x` } }, []);
    await copies.copyOut(filesIn(temp.path), SUCCESS);
    assert.equal(Deno.readTextFileSync(`${temp.path}/x`), "old");
    await copies[settle]();
    assert.equal(Deno.readTextFileSync(`${temp.path}/x`), expected);
    assert.equal([...Deno.readDirSync(temp.path)].length, 2);
  }
});

Deno.test("with outputsAlways what is there after a failure is kept, and what is hostile is told", async () => {
  using temp = tempDir();
  Deno.mkdirSync(`${temp.path}/root/hostile`, { recursive: true });
  Deno.symlinkSync("/etc", `${temp.path}/root/hostile/link`);
  Deno.writeTextFileSync(`${temp.path}/root/x`, "part");
  const to = (name: string) => ({ [`/${name}`]: `${temp.path}/${name}` });
  const outputs = { ...to("x"), ...to("missing"), ...to("hostile") };
  using copies = await OpenCopies.open({ outputs, outputsAlways: true }, []);
  await copies.copyOut(filesIn(temp.path), FAILURE);
  await assert.rejects(copies.abort(), { name: "EndpointError", message: /"\/hostile" out to/ });
  assert.equal(Deno.readTextFileSync(`${temp.path}/x`), "part");
  assert.deepEqual([...Deno.readDirSync(temp.path)].map(({ name }) => name).sort(), ["root", "x"]);
});

const KIB = 1024;

/** Copies outputs out of files of these sizes, which have no holes, and returns what is here then. */
async function copyOut(
  sizes: Readonly<Record<string, number>>,
  paths: readonly string[],
  maxOutputsBytes: number,
): Promise<{ readonly message: string | undefined; readonly names: readonly string[] }> {
  using temp = tempDir();
  for (const [name, bytes] of Object.entries(sizes)) {
    const path = `${temp.path}/root/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeFileSync(path, new Uint8Array(bytes).fill(1));
  }
  Deno.mkdirSync(`${temp.path}/here`);
  const outputs = Object.fromEntries(paths.map((path) => [path, `${temp.path}/here${path}`]));
  using copies = await OpenCopies.open({ outputs, maxOutputsBytes }, []);
  const message = await copies.copyOut(filesIn(temp.path), SUCCESS)
    .then(() => undefined, (error: Error) => error.message.replaceAll(temp.path, ""));
  await (message === undefined ? copies.commit() : copies.abort());
  return { message, names: [...Deno.readDirSync(`${temp.path}/here`)].map(({ name }) => name) };
}

Deno.test("outputs that exceed maxOutputsBytes are refused, and nothing of them is left", async () => {
  const fact = "the outputs take more than 65536 bytes, the limit by maxOutputsBytes";
  const refused = (path: string) => `cannot copy "${path}" out to "/here${path}": ${fact}`;
  const max = 64 * KIB;
  assert.deepEqual(await copyOut({ x: max }, ["/x"], max), { message: undefined, names: ["x"] });
  const whole = await copyOut({ x: max + 1 }, ["/x"], max);
  assert.deepEqual(whole, { message: refused("/x"), names: [] });
  const both = await copyOut({ x: 40 * KIB, y: 40 * KIB }, ["/x", "/y"], max);
  assert.deepEqual(both, { message: refused("/y"), names: [] });
});

Deno.test("small and empty files count as a block each, and holes not at all", async () => {
  const empty = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`d/${n}`, 0]));
  const many = await copyOut(empty, ["/d"], 64 * KIB); // the folder is one more
  assert.match(many.message!, /take more than 65536 bytes/);
  assert.equal((await copyOut(empty, ["/d"], 68 * KIB)).message, undefined);
  using temp = tempDir();
  Deno.mkdirSync(`${temp.path}/root`);
  using sparse = Deno.createSync(`${temp.path}/root/x`);
  sparse.truncateSync(16 * KIB * KIB);
  const options = { outputs: { "/x": `${temp.path}/x` }, maxOutputsBytes: 64 * KIB };
  using copies = await OpenCopies.open(options, []);
  await copies.copyOut(filesIn(temp.path), SUCCESS);
  await copies.commit();
  assert.equal(Deno.statSync(`${temp.path}/x`).size, 16 * KIB * KIB);
});

Deno.test("two commands of a run may not copy to one place", async () => {
  using temp = tempDir();
  const outputs = { "/x": `${temp.path}/x` };
  using first = await OpenCopies.open({ outputs }, []);
  await assert.rejects(OpenCopies.open({ outputs }, [first]), {
    message: `cannot copy "/x" out to "${temp.path}/x": the output "/x" is copied to the same path`,
  });
});

Deno.test("a folder that cannot be listed is told before anything starts", async () => {
  using temp = tempDir();
  Deno.mkdirSync(`${temp.path}/closed`, { mode: 0 });
  const opened = OpenCopies.open({ files: { "/x": `${temp.path}/closed` } }, []);
  if (Deno.uid() === 0) return void await opened; // root may
  await assert.rejects(opened, { message: /cannot copy .* to "\/x": permission is denied/ });
});
