// Files that appear complete or not at all.

import assert from "node:assert/strict";
import { writeAside } from "../../src/host/write_aside.ts";
import { tempDir } from "../support/temp_dir.ts";

Deno.test("writeAside() does not replace anything but a file", async () => {
  using folder = tempDir();
  const path = `${folder.path}/pipe`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  await assert.rejects(writeAside(path, (aside) => Deno.writeTextFile(aside, "a")), {
    message: /^cannot write ".*pipe": it exists and is not a file$/,
  });
  assert.ok(Deno.lstatSync(path).isFifo);
});
