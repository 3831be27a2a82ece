// Where outputs may go, which is known before the code runs.

import assert from "node:assert/strict";
import { checkOutputsPlace } from "../../src/code/outputs_place.ts";
import type { RunCodeOptions } from "../../src/code/run_options.ts";
import { tempDir } from "../support/temp_dir.ts";

/** A folder in which `file` is a file, `link` leads nowhere, `full` has something in it, and `empty` has not. */
function places() {
  const folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  Deno.symlinkSync("nowhere", `${folder.path}/link`);
  Deno.mkdirSync(`${folder.path}/full/a`, { recursive: true });
  Deno.mkdirSync(`${folder.path}/empty`);
  return folder;
}

const NAMES = ["empty", "file", "full", "link"];

/** What is refused, by its path in that folder, and why. */
const REFUSED: readonly [name: string, options: RunCodeOptions, message: string][] = [
  ["a file", { outputsDir: "file" }, "put outputs into PLACE/file as PLACE/file is not a folder"],
  ["a link to nothing", { outputsDir: "link" }, "into PLACE/link as PLACE/link is not a folder"],
  ["what is not empty", { outputsDir: "full" }, "into PLACE/full as it must be empty: it has a"],
  ["a place in a file", { outputsDir: "file/a/b" }, "file/a/b as PLACE/file is not a folder"],
  ["a tar that is a folder", { outputsTar: "empty" }, 'write "PLACE/empty" as it is a folder'],
  ["a tar in no folder", { outputsTar: "new/a.tar" }, 'a.tar" as there is no folder "PLACE/new/"'],
  ["a tar in a file", { outputsTar: "file/a.tar" }, 'a.tar" as a part of its path is no folder'],
];

for (const [name, { outputsDir, outputsTar }, message] of REFUSED) {
  Deno.test(`outputs are refused ${name} before the code runs`, async () => {
    using folder = places();
    const at = (path: string | false | undefined) => path && `${folder.path}/${path}`;
    const options = { outputsDir: at(outputsDir), outputsTar: at(outputsTar) || undefined };
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value));
    await assert.rejects(checkOutputsPlace(given), ({ message: said }: Error) => {
      assert.ok(said.replaceAll(folder.path, "PLACE").endsWith(message), said);
      assert.match(said, /^Cannot (put outputs into|write) /);
      return true;
    });
    assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), NAMES);
  });
}

Deno.test("outputs are refused a folder that cannot be written to before the code runs", async () => {
  await assert.rejects(checkOutputsPlace({ outputsDir: "/proc/execvm/a" }), {
    message: /^Cannot put outputs into \/proc\/execvm\/a as \/proc cannot be written to: [\w :]+$/,
  });
});

Deno.test("outputs may go to new and empty folders, of which nothing is left before the code runs", async () => {
  using folder = places();
  for (const outputsDir of ["empty", "new", "new/er/still"]) {
    await checkOutputsPlace({ outputsDir: `${folder.path}/${outputsDir}` });
  }
  await checkOutputsPlace({ outputsTar: `${folder.path}/a.tar` });
  await checkOutputsPlace({ outputsTar: `${folder.path}/file` });
  await checkOutputsPlace({ outputsDir: false });
  await checkOutputsPlace({ outputsDir: `${folder.path}/file`, output: "none" });
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), NAMES);
  assert.deepEqual([...Deno.readDirSync(`${folder.path}/empty`)], []);
});
