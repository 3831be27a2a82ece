// The bundled module, imported by scripts from a server.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ensureInitrd } from "../../guest-build/ensure_initrd.ts";
import { cmd } from "../../mod.ts";
import { makeModule } from "../../src/bundle/module.ts";
import { cacheDir } from "../../src/host/cache_dir.ts";
import { hashFile } from "../../src/host/hash_file.ts";
import { killWithUs } from "../../src/host/watchdog.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { codeTest, makePythonRoot } from "../code/fixture.ts";
import { runScript, type ScriptOptions, serveFolder, tryScript } from "../support/by_url.ts";
import { KERNEL } from "../support/kernel.ts";
import { makeRemoteHost } from "../support/remote_host.ts";
import { SSH } from "../support/sshd.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

const DIST = Deno.makeTempDirSync({ prefix: "execvm-test-module-" });
killWithUs({ path: DIST });
await makeModule(DIST);

const host = await makeRemoteHost();

/** Runs a script that imports from `MOD`; returns what it prints and what the server was asked for. */
async function runByUrl(script: string, options?: ScriptOptions) {
  await using server = serveFolder(DIST);
  const printed = await runScript(script.replaceAll("MOD", `${server.url}/mod.js`), options);
  return { printed, asked: server.asked };
}

/** A bundle as other bundlers make it, of which some keep the comment at the start. */
function bundleOfUser(): { readonly path: string } & Disposable {
  const folder = tempDir();
  const path = `${folder.path}/bundle.js`;
  const text = Deno.readTextFileSync(`${DIST}/mod.js`);
  Deno.writeTextFileSync(path, `${text}\nconsole.log("of the user");\n`);
  return { path, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

Deno.test("by URL a pipeline takes one request, and no package of npm", async () => {
  using folder = tempDir();
  const script = `
    import { cmd, text } from "MOD";
    console.log(await text("a b").pipe(cmd("wc", "-w")).text());
  `;
  const env = { DENO_DIR: folder.path, NPM_CONFIG_REGISTRY: "http://127.0.0.1:1" };
  assert.deepEqual(await runByUrl(script, { env }), { printed: "2\n", asked: ["/mod.js"] });
});

Deno.test("the bundled module exports what mod.ts does", async () => {
  const { printed } = await runByUrl(
    'import * as it from "MOD"; console.log(Object.keys(it).join())',
  );
  assert.deepEqual(
    printed.trim().split(",").sort(),
    Object.keys(await import("../../mod.ts")).sort(),
  );
});

Deno.test("by URL it starts itself again for a chain, also with the command line", async () => {
  const { printed } = await runByUrl(`
    import { chain, cmd } from "MOD";
    console.log(await chain(["echo", "one"], ["echo", "two"]).text());
    const args = ["run", "-A", "--quiet", "MOD", "run", "--", "echo", "three"];
    console.log(await cmd(Deno.execPath(), ...args).text());
  `);
  assert.equal(printed, "one\ntwo\nthree\n");
});

Deno.test("a script is checked against the types of the bundled module", async () => {
  await using server = serveFolder(DIST);
  const check = (lines: string) => {
    const script = `
      import { cmd, each, type Image, runCode, type VmOptions, vm } from "${server.url}/mod.js";
      const options: VmOptions = { memoryMib: 512, network: "none" };
      export const words: string = await vm(options).cmd("echo", "a").text();
      export const all = each(["a", "b"], (word: string) => cmd("echo", word), { concurrency: 2 });
      export const ends = async (image: Image) => {
        const { exitStatus, artifacts } = await runCode(image, "1", { timeoutMs: 1000 });
        const paths: string[] = artifacts.map(({ path }) => path);
        return [exitStatus, paths] as const;
      };
      ${lines}
    `;
    return tryScript(script, { deno: ["check", "--quiet", "--allow-import"] });
  };
  const right = await check("");
  assert.equal(right.code, 0, right.stderr);
  const wrong = await check('vm({ memoryMib: "512" });');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^TS2322 .*'string' is not assignable to type 'number'/m);
  assert.deepEqual([...new Set(server.asked)], ["/mod.js", "/mod.d.ts"]);
});

Deno.test({
  ...needs(
    "by URL it runs a virtual machine, whose initrd is that of the sources byte for byte",
    ...["qemu-system-x86_64", "busybox", KERNEL],
  ),
  async fn() {
    using cache = tempDir();
    Deno.symlinkSync(`${cacheDir()}/kernels`, `${cache.path}/kernels`);
    const script = `
      import { text, vm } from "MOD";
      const machine = vm({ template: false, accel: "tcg" });
      console.log(await text("a b c").pipe(machine.cmd("wc", "-w")).text());
    `;
    const env = { EXECVM_CACHE: cache.path };
    assert.deepEqual(await runByUrl(script, { env }), { printed: "3\n", asked: ["/mod.js"] });
    const [name, ...more] = [...Deno.readDirSync(`${cache.path}/initrds`)].map(({ name }) => name);
    assert.deepEqual(more, []);
    const ours = await ensureInitrd((await findKernel())!);
    assert.equal(await hashFile(`${cache.path}/initrds/${name}`), await hashFile(ours));
  },
});

codeTest("by URL it prepares an image and runs code on it", async () => {
  using folder = tempDir();
  const root = await makePythonRoot(`${folder.path}/root`);
  const { printed } = await runByUrl(`
    import { prepareImage, runCode } from "MOD";
    const image = await prepareImage({ from: ${JSON.stringify(root)} });
    const code = "open('made', 'w').write('x'); print(6 * 7)";
    const { stdout, artifacts } = await runCode(image, code, { accel: "tcg" });
    console.log(JSON.stringify([stdout, artifacts.map(({ path }) => path)]));
  `);
  assert.deepEqual(JSON.parse(printed), ["42\n", ["/workspace/made"]]);
});

Deno.test({
  ...needs("by URL it copies itself to another host, where it runs commands", ...SSH),
  async fn() {
    using cache = tempDir();
    const { printed, asked } = await runByUrl(
      `
      import { chain, local, ssh, text } from "MOD";
      await using there = ssh({ ...${JSON.stringify(host.options)}, inner: local() });
      console.log(await text("a b").pipe(there.cmd("wc", "-w")).text());
      console.log(await chain(["echo", "one"], ["echo", "two"]).on(there).text());
    `,
      { env: { EXECVM_CACHE: cache.path } },
    );
    assert.equal(printed, "2\none\ntwo\n");
    assert.deepEqual(asked, ["/mod.js"]);
    const [copied] = [...Deno.readDirSync(`${host.cache}/bin`)]
      .filter(({ name }) => name.endsWith(".js"));
    assert.equal(
      await hashFile(`${host.cache}/bin/${copied!.name}`),
      await hashFile(`${DIST}/mod.js`),
    );
  },
});

Deno.test({
  ...needs("a bundle of it and other code is not copied to another host", ...SSH),
  async fn() {
    using other = bundleOfUser();
    const { code, stderr } = await tryScript(`
      import { local, ssh } from "${other.path}";
      await ssh({ ...${JSON.stringify(host.options)}, inner: local() }).cmd("true").run();
    `);
    assert.equal(code, 1);
    assert.match(stderr, /cannot copy execvm: it is a part of another program/);
  },
});

Deno.test("a bundle of it and other code is not the command line", async () => {
  using other = bundleOfUser();
  const args = ["run", "-A", "--quiet", other.path, "run", "--", "echo", "of execvm"];
  assert.equal(await cmd(Deno.execPath(), ...args).text(), "of the user");
});

Deno.test("a bundle of it and other code does not start itself again for a chain", async () => {
  using other = bundleOfUser();
  const printed = await runScript(`
    import { chain } from "${other.path}";
    console.log(await chain(["sh", "-c", "echo $EXECVM_CHAIN_NOTE one"], ["echo", "two"]).text());
    await chain(["true"], ["false"]).run().catch(({ message }) => console.log(message));
  `);
  const failure = "command 2 of 2, false (local) exited with code 1";
  assert.equal(printed, `of the user\none\ntwo\n${failure}\n`);
});

Deno.test("deno publish sends the bundled module if there is one, and nothing else of dist", async () => {
  using folder = tempDir();
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const { publish } = JSON.parse(Deno.readTextFileSync(`${root}deno.json`));
  const sources = publish.include.filter((path: string) => !path.startsWith("dist"));
  await cmd("cp", "-r", ".gitignore", ...sources, folder.path).cwd(root).run();
  const sent = async () => {
    const args = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: folder.path,
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stderr);
    assert.ok(success, text);
    assert.match(text, /\/src\/cli\/main\.ts /);
    return [...text.matchAll(/\/(dist\/\S+) \(/g)].map(([, path]) => path);
  };
  assert.deepEqual(await sent(), []);
  await cmd("cp", "-r", DIST, `${folder.path}/dist`).run();
  Deno.writeTextFileSync(`${folder.path}/dist/execvm`, "");
  assert.deepEqual((await sent()).sort(), ["dist/mod.d.ts", "dist/mod.js"]);
});
