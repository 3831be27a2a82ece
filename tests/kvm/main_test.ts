import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempDir } from "../support/temp_dir.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

Deno.test("test:kvm makes nothing for a file that there is not", async () => {
  using cache = tempDir();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", MAIN, "tests/nothing.ts"],
    env: { EXECVM_CACHE: cache.path, PATH: "/nowhere" },
  }).output();
  const text = new TextDecoder().decode(new Uint8Array([...stdout, ...stderr]));
  assert.equal(text, "cannot run tests/nothing.ts: there is no such file\n");
  assert.equal(code, 2);
});
