import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ensureInitrd } from "../guest-build/ensure_initrd.ts";
import { cacheDir } from "../src/host/cache_dir.ts";
import { hashFile } from "../src/host/hash_file.ts";
import { findKernel } from "../src/kernels/find.ts";
import { runScript, serveFolder } from "./support/by_url.ts";
import { KERNEL } from "./support/kernel.ts";
import { tempDir } from "./support/temp_dir.ts";
import { needs } from "./support/tools.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** What a script prints; `MOD` in it is the URL of mod.ts. */
async function runWithMod(script: string, env: Record<string, string> = {}): Promise<string> {
  await using server = serveFolder(ROOT);
  return await runScript(script.replaceAll("MOD", `${server.url}/mod.ts`), { env });
}

Deno.test("mod.ts works when it is imported by URL from an empty folder", async () => {
  const printed = await runWithMod(`
    import { chain, cmd, fromJSON, tar, text } from "MOD";
    console.log(await text("a b").pipe(cmd("wc", "-w")).text());
    console.log(await chain(["echo", "one"], ["echo", "two"]).text());
    const pipeline = tar("script.ts").pipe(cmd("tar", "-t"));
    console.log(await fromJSON(JSON.parse(JSON.stringify(pipeline))).run().then(({ ok }) => ok));
  `);
  assert.equal(printed, "2\none\ntwo\nscript.ts\ntrue\n");
});

Deno.test({
  ...needs(
    "imported by URL it runs a virtual machine, whose initrd is that of a checkout byte for byte",
    ...["qemu-system-x86_64", "busybox", KERNEL],
  ),
  async fn() {
    using cache = tempDir();
    Deno.symlinkSync(`${cacheDir()}/kernels`, `${cache.path}/kernels`);
    const script = `
      import { text, vm } from "MOD";
      const computer = vm({ template: false });
      console.log(await text("a b c").pipe(computer.cmd("wc", "-w")).text());
    `;
    assert.equal(await runWithMod(script, { EXECVM_CACHE: cache.path }), "3\n");
    const ours = await ensureInitrd((await findKernel())!);
    const theirs = Array.from(
      Deno.readDirSync(`${cache.path}/initrds`),
      ({ name }) => `${cache.path}/initrds/${name}`,
    );
    assert.equal(theirs.length, 1);
    assert.equal(await hashFile(theirs[0]!), await hashFile(ours));
  },
});

Deno.test("imported by URL it can bundle itself into a script for a remote host", async () => {
  using cache = tempDir();
  const script = `
    import { ownProgram } from "MOD/../src/bundle/own_program.ts";
    console.log((await ownProgram()).path);
  `;
  const path = (await runWithMod(script, { EXECVM_CACHE: cache.path })).trim();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", path, "run", "--", "echo", "from a script"],
    env: { DENO_DIR: `${cache.path}/deno` }, // an empty cache: the script needs nothing else
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  assert.equal(decoder.decode(stdout), "from a script\n");
});
