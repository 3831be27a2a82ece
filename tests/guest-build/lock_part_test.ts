import assert from "node:assert/strict";
import { lockOption } from "../../guest-build/lock_part.ts";
import { tempDir } from "../support/temp_dir.ts";

/** The part of the lock for some packages. */
async function partFor(...names: string[]) {
  using folder = tempDir();
  assert.equal(await lockOption(folder.path, names), `--lock=${folder.path}/deno.lock`);
  return JSON.parse(Deno.readTextFileSync(`${folder.path}/deno.lock`));
}

Deno.test("a part of the lock has what was named and all that this needs, as it stands there", async () => {
  const lock = JSON.parse(Deno.readTextFileSync(new URL("../../deno.lock", import.meta.url)));
  const { version, specifiers, npm } = await partFor("linkedom", "esbuild");
  assert.equal(version, lock.version);
  assert.deepEqual(
    Object.keys(specifiers).map((it) => it.replace(/@[^@]+$/, "")).sort(),
    ["npm:esbuild", "npm:linkedom"],
  );
  for (const [key, locked] of Object.entries(npm)) assert.deepEqual(locked, lock.npm[key], key);
  const names = Object.keys(npm).map((key) => key.replace(/(?<=.)@[^/]*$/, ""));
  for (const name of ["@esbuild/linux-x64", "htmlparser2", "entities", "@acemir/cssom"]) {
    assert.ok(names.includes(name), `${name} of ${names}`);
  }
  assert.ok(!names.includes("zod"));
});

Deno.test("a part of the lock has what depends on a package of another name that it is a peer of", async () => {
  const { npm } = await partFor("@modelcontextprotocol/sdk");
  const names = Object.keys(npm).map((key) => key.replace(/(?<=.)@.*$/, ""));
  for (const name of ["@modelcontextprotocol/sdk", "zod", "zod-to-json-schema", "express"]) {
    assert.ok(names.includes(name), `${name} of ${names}`);
  }
});
