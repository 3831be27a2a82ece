import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ensureInitrd } from "../guest-build/ensure_initrd.ts";
import { cacheDir } from "../src/host/cache_dir.ts";
import { hashFile } from "../src/host/hash_file.ts";
import { findKernel } from "../src/kernels/find.ts";
import { KERNEL } from "./support/kernel.ts";
import { tempDir } from "./support/temp_dir.ts";
import { needs } from "./support/tools.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TYPES = { ts: "application/typescript", json: "application/json" };

/** Serves the checkout over loopback, as a user's web server would. */
function serveCheckout(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const path = `${ROOT}${decodeURIComponent(new URL(request.url).pathname)}`;
    const content = await Deno.readFile(path).catch(() => undefined);
    if (content === undefined) return new Response(null, { status: 404 });
    const type = path.endsWith(".json") ? TYPES.json : TYPES.ts;
    return new Response(content, { headers: { "content-type": type } });
  });
}

/** What a script prints that runs in an otherwise empty folder; `MOD` in it is the URL of mod.ts. */
async function runScript(script: string, env: Record<string, string> = {}): Promise<string> {
  await using server = serveCheckout();
  using folder = tempDir();
  const mod = `http://127.0.0.1:${server.addr.port}/mod.ts`;
  Deno.writeTextFileSync(`${folder.path}/script.ts`, script.replaceAll("MOD", mod));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "script.ts"],
    cwd: folder.path,
    env,
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}

Deno.test("mod.ts works when it is imported by URL from an empty folder", async () => {
  const printed = await runScript(`
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
    assert.equal(await runScript(script, { EXECVM_CACHE: cache.path }), "3\n");
    const ours = await ensureInitrd((await findKernel())!);
    const theirs = Array.from(
      Deno.readDirSync(`${cache.path}/initrds`),
      ({ name }) => `${cache.path}/initrds/${name}`,
    );
    assert.equal(theirs.length, 1);
    assert.equal(await hashFile(theirs[0]!), await hashFile(ours));
  },
});

Deno.test("imported by URL it makes of itself a script that runs, for another computer", async () => {
  using cache = tempDir();
  const script = `
    import { ownProgram } from "MOD/../src/bundle/own_program.ts";
    console.log((await ownProgram()).path);
  `;
  const path = (await runScript(script, { EXECVM_CACHE: cache.path })).trim();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", path, "run", "--", "echo", "from a script"],
    env: { DENO_DIR: `${cache.path}/deno` }, // an empty one: it needs nothing else
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  assert.equal(decoder.decode(stdout), "from a script\n");
});
