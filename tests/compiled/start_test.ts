// What starting the compiled execvm does beside what it is asked for.

import assert from "node:assert/strict";
import { execvm } from "../support/cli.ts";
import { tempDir } from "../support/temp_dir.ts";

Deno.test("a compiled execvm leaves nothing in TMPDIR", async () => {
  using folder = tempDir();
  const env = { TMPDIR: folder.path };
  assert.equal((await execvm(["run", "--", "true"], { env })).code, 0);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});
