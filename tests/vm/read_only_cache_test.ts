// A cache that is complete but read-only.

import assert from "node:assert/strict";
import { prepareImage } from "../../mod.ts";
import { cacheDir } from "../../src/host/cache_dir.ts";
import { makeShellRoot } from "../code/fixture.ts";
import { EXECVM } from "../support/cli.ts";
import { KERNEL } from "../support/kernel.ts";
import { needsReadOnly, readOnlyArgv } from "../support/read_only.ts";
import { tempDir } from "../support/temp_dir.ts";

Deno.test({
  ...needsReadOnly(
    "a warm cache that is read-only is used: kernel, initrd, template, image and empty disk",
    ...["qemu-system-x86_64", "sqfstar", "busybox", KERNEL],
  ),
  async fn() {
    using folder = tempDir();
    const image = await prepareImage({ from: await makeShellRoot(`${folder.path}/root`) });
    const code = `${folder.path}/code.sh`;
    Deno.writeTextFileSync(code, "echo code");
    const commands = [
      ["run", "-r", "vm", "--accel", "tcg", "--", "echo", "command"],
      ["code", "--image", image.key, "--accel", "tcg", "--language", "sh", "-q", code],
      ["image", "prepare", `${folder.path}/root`], // a cached source would not be looked at again
    ].map((args) => [...EXECVM, ...args]);
    for (const argv of commands) await outputOf(argv);
    for (const argv of commands) {
      const [first, again] = [await outputOf(argv), await outputOf(readOnlyArgv(caches(), argv))];
      assert.deepEqual(again, first);
    }
  },
});

/** The folder, and the targets of links in it. */
function caches(): readonly string[] {
  const folder = cacheDir();
  const below = Array.from(Deno.readDirSync(folder), ({ name }) => `${folder}/${name}`);
  return [...new Set([folder, ...below.filter(isLink).map(Deno.realPathSync)])];
}

function isLink(path: string): boolean {
  return Deno.lstatSync(path).isSymlink;
}

async function outputOf(argv: readonly string[]): Promise<readonly [number, string, string]> {
  const [program, ...args] = argv;
  const command = new Deno.Command(program!, { args, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  return [code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)];
}
