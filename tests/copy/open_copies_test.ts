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
