// Where outputs may be written, which is checked before the code runs.

import assert from "node:assert/strict";
import { checkOutputsPlace } from "../../src/code/outputs_place.ts";
import type { RunCodeOptions } from "../../src/code/run_options.ts";
import { tempDir } from "../support/temp_dir.ts";

/**
 * A folder with a file `file`, a dangling link `link`, a non-empty folder `full` and an empty
 * folder `empty`.
 */
function places() {
  const folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  Deno.symlinkSync("nowhere", `${folder.path}/link`);
  Deno.mkdirSync(`${folder.path}/full/a`, { recursive: true });
  Deno.mkdirSync(`${folder.path}/empty`);
  return folder;
}

const NAMES = ["empty", "file", "full", "link"];

/** The rejected options, with paths in that folder, and the reasons. */
const REFUSED: readonly [name: string, options: RunCodeOptions, message: string][] = [
  ["a file", { outputsDir: "file" }, "put outputs into PLACE/file: PLACE/file is not a folder"],
  ["a link to nothing", { outputsDir: "link" }, "into PLACE/link: PLACE/link is not a folder"],
  ["what is not empty", { outputsDir: "full" }, "into PLACE/full: it must be empty: it has a"],
  ["a place in a file", { outputsDir: "file/a/b" }, "file/a/b: PLACE/file is not a folder"],
  ["a tar that is a folder", { outputsTar: "empty" }, 'write "PLACE/empty": it is a folder'],
  ["a tar in no folder", { outputsTar: "new/a.tar" }, 'a.tar": there is no folder "PLACE/new/"'],
  ["a tar in a file", { outputsTar: "file/a.tar" }, 'a.tar": a part of its path is not a folder'],
];

for (const [name, { outputsDir, outputsTar }, message] of REFUSED) {
  Deno.test(`outputs are rejected before the code runs: ${name}`, async () => {
    using folder = places();
    const at = (path: string | false | undefined) => path && `${folder.path}/${path}`;
    const options = { outputsDir: at(outputsDir), outputsTar: at(outputsTar) || undefined };
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value));
    await assert.rejects(checkOutputsPlace(given), ({ message: said }: Error) => {
      assert.ok(said.replaceAll(folder.path, "PLACE").endsWith(message), said);
      assert.match(said, /^cannot (put outputs into|write) /);
      return true;
    });
    assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), NAMES);
  });
}

Deno.test("outputs into a folder that cannot be written are rejected before the code runs", async () => {
  await assert.rejects(checkOutputsPlace({ outputsDir: "/proc/execvm/a" }), {
    message: /^cannot put outputs into \/proc\/execvm\/a: \/proc cannot be written to: [\w :]+$/,
  });
});

Deno.test("outputs may go to new and empty folders, which the check leaves as they were", async () => {
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
