import assert from "node:assert/strict";
import { explainFault, faultOf } from "../../src/host/fault.ts";
import { tempDir } from "../support/temp_dir.ts";

/** A name, a failing call, the reason, and the explanation with paths in `/folder`. */
const CASES: readonly [string, (folder: string) => unknown, string, string][] = [
  [
    "a file that does not exist",
    (folder) => Deno.openSync(`${folder}/no`),
    "there is no such file or folder",
    'cannot open "/folder/no": there is no such file or folder',
  ],
  [
    "a folder that is a file",
    (folder) => Deno.mkdirSync(`${folder}/file/below`),
    "a part of its path is not a folder",
    'cannot make the folder "/folder/file/below": a part of its path is not a folder',
  ],
  [
    "a file that is a folder",
    (folder) => Deno.openSync(folder, { write: true }),
    "it is a folder",
    'cannot open "/folder": it is a folder',
  ],
  [
    "two paths",
    (folder) => Deno.renameSync(`${folder}/no`, `${folder}/it's`),
    "there is no such file or folder",
    'cannot rename "/folder/no" to "/folder/it\'s": there is no such file or folder',
  ],
  [
    "a full disk, for which Deno gives no path",
    () => {
      using full = Deno.openSync("/dev/full", { write: true });
      full.writeSync(new Uint8Array(1));
    },
    "the disk is full",
    "the disk is full",
  ],
];

for (const [name, fail, reason, whole] of CASES) {
  Deno.test(`explainFault() of ${name}`, () => {
    using folder = tempDir();
    Deno.writeTextFileSync(`${folder.path}/file`, "");
    assert.throws(() => fail(folder.path), (error) => {
      assert.equal(faultOf(error), reason);
      assert.equal(explainFault(error).replaceAll(folder.path, "/folder"), whole);
      return true;
    });
  });
}

Deno.test("explainFault() returns the messages of all other errors", () => {
  for (const message of ["something else", "says (os error 2): open 'x' in the middle of it"]) {
    assert.equal(explainFault(new Error(message)), message);
    assert.equal(faultOf(new Error(message)), message);
  }
  assert.equal(explainFault("thrown"), "thrown");
});
