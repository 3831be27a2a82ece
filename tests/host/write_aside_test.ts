// Files that appear whole or not at all.

import assert from "node:assert/strict";
import { writeAside } from "../../src/host/write_aside.ts";
import { tempDir } from "../support/temp_dir.ts";

Deno.test("writeAside() leaves what is no file as it is", async () => {
  using folder = tempDir();
  const path = `${folder.path}/pipe`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  await assert.rejects(writeAside(path, (aside) => Deno.writeTextFile(aside, "a")), {
    message: /^Cannot write ".*pipe" as it is there, and is no file$/,
  });
  assert.ok(Deno.lstatSync(path).isFifo);
});
