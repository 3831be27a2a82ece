// Which packages of npm a script fetches that uses execvm.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempDir } from "./support/temp_dir.ts";

const SCRIPT = fileURLToPath(new URL("fixtures/import_mod.ts", import.meta.url));

/** What a script prints for which Deno has a cache of its own. */
async function runWithCache(cache: string, ...options: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", ...options, SCRIPT],
    env: { DENO_DIR: cache, NO_COLOR: "1" },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("a script in a checkout needs the packages that it imports, and none of the lock beside", async () => {
  using cache = tempDir();
  assert.equal(await runWithCache(cache.path, "--no-config", "--no-lock"), "imported\n");
  assert.equal(await runWithCache(cache.path, "--cached-only"), "imported\n");
  const [registry] = [...Deno.readDirSync(`${cache.path}/npm`)].map(({ name }) => name);
  const names = [...Deno.readDirSync(`${cache.path}/npm/${registry}`)].map(({ name }) => name);
  assert.deepEqual(names.sort(), ["@opentelemetry", "zod"]);
});
