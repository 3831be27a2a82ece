// A program of a user that imports execvm and is compiled or bundled: it must never take itself for
// execvm.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { makeModule } from "../../src/bundle/module.ts";
import { DENORT_VERSION, ensureDenort } from "../harness/denort.ts";
import { CERTIFICATES } from "../harness/network_variables.ts";
import { serveFolder } from "../support/by_url.ts";
import { KERNEL } from "../support/kernel.ts";
import { type LoggingQemu, loggingQemu } from "../support/logging_qemu.ts";
import { tempDir } from "../support/temp_dir.ts";
import { type TemplateCache, templateCache } from "../support/template_cache.ts";
import { needs } from "../support/tools.ts";

let folder: ReturnType<typeof tempDir>;
let cache: TemplateCache;
let qemu: LoggingQemu;

Deno.test.beforeAll(async () => {
  [folder, cache, qemu] = [tempDir(), templateCache(), loggingQemu()];
  await makeModule(folder.path);
});
Deno.test.afterAll(() => [folder, cache, qemu].forEach((each) => each[Symbol.dispose]()));

/** Compiles a program, runs it, and returns what it prints. */
async function runCompiled(name: string, text: string): Promise<string> {
  const path = `${folder.path}/${name}`;
  Deno.writeTextFileSync(`${path}.ts`, `console.log("user's program");\n${text}`);
  const compile = ["--yes", `deno@${DENORT_VERSION}`, "compile", "-A", "--quiet", "--no-check"];
  await run("npx", [...compile, "--no-config", "--output", path, `${path}.ts`], {
    DENORT_BIN: await ensureDenort(Deno.build.arch),
  });
  return await run(path, []);
}

async function run(program: string, args: string[], env: Record<string, string> = {}) {
  const options = { args, env: { ...env, ...CERTIFICATES, NO_COLOR: "1" } };
  const { success, stdout, stderr } = await new Deno.Command(program, options).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("a chain in a compiled program does not start that program again", async () => {
  const printed = await runCompiled(
    "chain",
    `import { chain } from "${folder.path}/mod.js";
    const both = chain(["sh", "-c", "echo $EXECVM_CHAIN_NOTE one"], ["echo", "two"]);
    console.log(await both.text());
    await chain(["true"], ["false"]).run().catch(({ message }) => console.log(message));`,
  );
  assert.equal(
    printed,
    "user's program\none\ntwo\ncommand 2 of 2, false (local) exited with code 1\n",
  );
});

Deno.test({
  ...needs(
    "a machine of a compiled program has Deno as its first process, not that program",
    ...["qemu-system-x86_64", "busybox", KERNEL],
  ),
  async fn() {
    const printed = await runCompiled(
      "machine",
      `import { vm } from "${folder.path}/mod.js";
      const machine = vm({ accel: "tcg", template: false });
      console.log(await machine.cmd("readlink", "/proc/1/exe").text());`,
    );
    assert.equal(printed, "user's program\n/execvm/deno\n");
  },
});

Deno.test("a program that was compiled with execvm's sources reports what it lacks", async () => {
  await using server = serveFolder(fileURLToPath(new URL("../../", import.meta.url)));
  const printed = await runCompiled(
    "sources",
    `import { ensureInitrd } from "${server.url}/guest-build/ensure_initrd.ts";
    const kernel = { path: "/k", version: "1", sha256: "1", arch: Deno.build.arch, modules: [] };
    await ensureInitrd(kernel).catch(({ message }) => console.log(message));`,
  );
  assert.equal(
    printed,
    "user's program\ncannot make a guest: the sources of execvm were compiled into another program, " +
      "and cannot be read there: import the mod.js that `deno task bundle` makes, or give an initrd\n",
  );
});
