import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { cacheDir } from "../../src/host/cache_dir.ts";
import { KERNEL } from "../support/kernel.ts";
import { needs } from "../support/tools.ts";

const QEMU = "qemu-system-x86_64";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Lines of the sources as `wc -l` counts them. */
function countLines(path: string): number {
  if (Deno.statSync(path).isDirectory) {
    return [...Deno.readDirSync(path)].reduce(
      (sum, { name }) => sum + countLines(`${path}/${name}`),
      0,
    );
  }
  return path.endsWith(".ts") ? Deno.readTextFileSync(path).split("\n").length - 1 : 0;
}

Deno.test({
  ...needs("the demo counts the lines of this repository, and builds in machines", QEMU, KERNEL),
  fn: runDemo,
});

async function runDemo(): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo"],
    cwd: ROOT,
  }).output();
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, errors);
  const lines = ["mod.ts", "src", "tests"].reduce(
    (sum, it) => sum + countLines(`${ROOT}/${it}`),
    0,
  );
  assert.match(output!, new RegExp(`code 0, \\d+ bytes in, lines: ${lines}, \\d+ ms\\n`));
  assert.match(output!, /All three packages are the same\.\n/);
  const kept =
    /\nKept in (\/.*) for the next run:\n(?: {2}\w+: \d+ MiB, .*\n)+To remove it: rm -r (.*)\n$/;
  const [, folder, removed] = kept.exec(output!) ?? [];
  const names = ["kernels", "initrds", "templates"];
  assert.equal(folder, cacheDir(), output);
  assert.equal(removed, names.map((name) => `${folder}/${name}`).join(" "));
  assert.match(output!, /lines: none/);
  assert.match(errors!, /^execvm chain -- tar -xzf - -- find \. -name '\*\.ts'.*\nwc -l\n/);
}
