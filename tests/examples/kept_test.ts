import assert from "node:assert/strict";
import { tempDir } from "../support/temp_dir.ts";
import { describeKept } from "./kept.ts";

Deno.test("describeKept() names what is kept, where, its size on the disk, and how to remove it", async () => {
  using cache = tempDir();
  Deno.mkdirSync(`${cache.path}/templates/key`, { recursive: true });
  using memory = await Deno.open(`${cache.path}/templates/key/memory`, {
    create: true,
    write: true,
  });
  await memory.write(new Uint8Array(3 << 20).fill(1));
  await memory.truncate(1 << 30); // a hole
  await memory.sync();
  const lines = describeKept(cache.path).split("\n");
  assert.equal(lines[0], `Kept in ${cache.path} for the next run:`);
  assert.match(lines[1]!, /^ {2}templates: [34] MiB, /);
  assert.deepEqual(lines.slice(2), [`To remove it: rm -r ${cache.path}/templates`]);
});

Deno.test("describeKept() says so when nothing is kept", () => {
  using cache = tempDir();
  assert.equal(describeKept(cache.path), `Nothing is kept in ${cache.path}.`);
});
