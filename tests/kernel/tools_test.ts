import assert from "node:assert/strict";
import { local } from "../../mod.ts";
import { requireTools } from "../../kernel/tools.ts";
import { tempDir } from "../support/temp_dir.ts";

Deno.test("requireTools() names what is missing, and the one line that installs it", async () => {
  using folder = tempDir();
  Deno.symlinkSync("/bin/sh", `${folder.path}/sh`);
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", folder.path);
  try {
    await assert.rejects(requireTools(local(), "x86_64"), (error: Error) => {
      assert.match(
        error.message,
        /^Cannot build a kernel as there is no make, gcc, ld, .*gelf\.h \(local\)/,
      );
      assert.match(
        error.message,
        /: apt-get install --no-install-recommends build-essential .*lz4.*libelf-dev$/,
      );
      return true;
    });
  } finally {
    Deno.env.set("PATH", path);
  }
});
