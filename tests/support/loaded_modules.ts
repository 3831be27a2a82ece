// Finds which modules a program loads, by Deno's coverage, which leaves out modules that are only
// prefetched.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempDir } from "./temp_dir.ts";

const ROOT = new URL("../..", import.meta.url).href;

/** The options of a program, and how it has to end. */
export interface Program {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly code: number;
}

/** Returns the modules of this project by path, and those of others by URL. */
export async function loadedModules(
  { args, env = {}, stdin = "", code }: Program,
): Promise<readonly string[]> {
  using folder = tempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `--coverage=${folder.path}/coverage`, ...args],
    cwd: fileURLToPath(ROOT),
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [output] = await Promise.all([
    child.output(),
    new Blob([stdin]).stream().pipeTo(child.stdin),
  ]);
  assert.equal(output.code, code, new TextDecoder().decode(output.stderr));
  const urls = new Set<string>();
  for (const { name } of Deno.readDirSync(`${folder.path}/coverage`)) {
    if (!name.endsWith(".json")) continue;
    urls.add(JSON.parse(Deno.readTextFileSync(`${folder.path}/coverage/${name}`)).url);
  }
  return [...urls].map((url) => url.startsWith(ROOT) ? url.slice(ROOT.length) : url).sort();
}
