import assert from "node:assert/strict";
import { grantMemory } from "../../src/qemu/granted_memory.ts";
import { tempDir } from "../support/temp_dir.ts";

Deno.test("grantMemory() does not copy writable memory, or that of a template", async () => {
  using folder = tempDir();
  const path = `${folder.path}/ram`;
  Deno.writeTextFileSync(path, "memory");
  const where = { folder: folder.path, user: undefined };
  for (
    const memory of [{ path, use: "clone" }, { path: "/no/such/file", use: "template" }] as const
  ) {
    assert.deepEqual(await grantMemory(memory, where), memory);
  }
});
