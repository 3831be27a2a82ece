import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { bundle, installPackages } from "../../guest-build/bundle.ts";
import { PACKAGES } from "../../src/bundle/script.ts";
import { tempDir } from "../support/temp_dir.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What is no part of a script, but makes it. */
const BUNDLERS = ["guest-build/bundle_main.ts", "src/bundle/types_main.ts"];

function* sourcesBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${ROOT}${folder}`)) {
    if (isDirectory) yield* sourcesBelow(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}

Deno.test("the packages of a script are those that its sources import", () => {
  const sources = ["src", "guest-build", "kernel"].flatMap((it) => [...sourcesBelow(it)]);
  const imported = sources.filter((path) => !BUNDLERS.includes(path)).flatMap((path) => {
    const text = Deno.readTextFileSync(`${ROOT}${path}`);
    return [...text.matchAll(/"npm:((?:@[\w-]+\/)?[\w-]+)@/g)].map(([, name]) => name!);
  });
  assert.deepEqual([...new Set(imported)].sort(), [...PACKAGES]);
});

Deno.test("of the lock those packages are installed that a script imports, and what they need", async () => {
  using folder = tempDir();
  const entry = `${folder.path}/entry.ts`;
  Deno.writeTextFileSync(entry, 'import * as z from "npm:zod@4.6.7";\nconsole.log(z.string());\n');
  await installPackages(Deno.execPath(), { folder: folder.path, entry, packages: ["zod"] });
  const installed = [...Deno.readDirSync(`${folder.path}/node_modules/.deno`)]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  assert.deepEqual(installed.filter((name) => name !== "node_modules"), ["zod@4.6.7"]);
  const job = { entry, minify: true, packages: folder.path };
  assert.match(await bundle(Deno.execPath(), job), /ZodString/);
});
