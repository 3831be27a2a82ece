import assert from "node:assert/strict";
import { openAskedFolder, openTemporaryFolder } from "../../src/code/outputs_folder.ts";
import { tempDir } from "../support/temp_dir.ts";

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("a new folder for outputs appears whole, by a rename, with the folders above it", async () => {
  using folder = tempDir();
  const wanted = `${folder.path}/new/er`;
  using outputs = await openAskedFolder(wanted);
  Deno.writeTextFileSync(`${outputs.path}/a`, "");
  assert.notEqual(outputs.path, wanted);
  assert.ok(!namesIn(`${folder.path}/new`).includes("er"));
  assert.equal(await outputs.publish(), wanted);
  assert.deepEqual([namesIn(`${folder.path}/new`), namesIn(wanted)], [["er"], ["a"]]);
});

Deno.test("a folder that is not published is removed", async () => {
  using folder = tempDir();
  {
    using outputs = await openAskedFolder(`${folder.path}/new`);
    Deno.writeTextFileSync(`${outputs.path}/a`, "");
  }
  assert.deepEqual(namesIn(folder.path), []);
});

Deno.test("an empty folder is filled, also through a link", async () => {
  using folder = tempDir();
  Deno.mkdirSync(`${folder.path}/empty`);
  Deno.symlinkSync("empty", `${folder.path}/link`);
  using outputs = await openAskedFolder(`${folder.path}/link`);
  Deno.writeTextFileSync(`${outputs.path}/a`, "");
  assert.equal(await outputs.publish(), `${folder.path}/empty`);
  assert.deepEqual(namesIn(`${folder.path}/empty`), ["a"]);
});

Deno.test("a folder that others filled meanwhile stays as it is", async () => {
  using folder = tempDir();
  const wanted = `${folder.path}/out`;
  {
    using outputs = await openAskedFolder(wanted);
    Deno.mkdirSync(wanted);
    Deno.writeTextFileSync(`${wanted}/theirs`, "");
    await assert.rejects(outputs.publish(), {
      message: `cannot put outputs into ${wanted}: it must be empty: it has theirs`,
    });
  }
  assert.deepEqual([namesIn(folder.path), namesIn(wanted)], [["out"], ["theirs"]]);
});

Deno.test("a temporary folder is removed unless it is published", async () => {
  const kept = await openTemporaryFolder();
  const { path: unused } = await openTemporaryFolder().then((outputs) => {
    outputs[Symbol.dispose]();
    return outputs;
  });
  await kept.publish();
  kept[Symbol.dispose]();
  assert.ok(Deno.statSync(kept.path).isDirectory);
  assert.throws(() => Deno.statSync(unused), Deno.errors.NotFound);
  Deno.removeSync(kept.path);
});
