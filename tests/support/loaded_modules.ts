// Which modules a program loads, as Deno's coverage has them: those that are only read ahead are not among them.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempDir } from "./temp_dir.ts";

const ROOT = new URL("../..", import.meta.url).href;

/** What a program is started with, and how it is to end. */
export interface Program {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly code: number;
}

/** The modules of this project by their paths, and those of others by their URLs. */
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
