import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempDir } from "../support/temp_dir.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The hash of the sources in a program that imports them from `base`. */
async function hashFrom(base: string, denoDir: string): Promise<string> {
  const program = `import { hashSources } from "${base}/guest-build/sources.ts";
    console.log(await hashSources());`;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", "--quiet", program],
    env: { DENO_DIR: denoDir },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

/** Copies the sources of the guest and the builder. */
function copySources(target: string): void {
  for (const folder of ["guest-build", "src"]) {
    copyFolder(`${ROOT}/${folder}`, `${target}/${folder}`);
  }
}

function copyFolder(source: string, target: string): void {
  Deno.mkdirSync(target);
  for (const { name, isDirectory } of Deno.readDirSync(source)) {
    if (isDirectory) copyFolder(`${source}/${name}`, `${target}/${name}`);
    else if (name.endsWith(".ts")) Deno.copyFileSync(`${source}/${name}`, `${target}/${name}`);
  }
}

Deno.test("the hash of the sources does not depend on where they are imported from", async () => {
  using folder = tempDir();
  copySources(folder.path);
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (it) => {
    const content = await Deno.readFile(folder.path + new URL(it.url).pathname).catch(() => null);
    return new Response(content, {
      status: content === null ? 404 : 200,
      headers: { "content-type": "application/typescript" },
    });
  });
  const local = await hashFrom(`file://${folder.path}`, `${folder.path}/deno`);
  assert.match(local, /^[0-9a-f]{64}$/);
  const origin = `http://127.0.0.1:${server.addr.port}`;
  assert.equal(await hashFrom(origin, `${folder.path}/deno`), local);
});

Deno.test("the hash changes with the guest and with the builder, and with nothing else", async () => {
  using folder = tempDir();
  copySources(folder.path);
  const hash = () => hashFrom(`file://${folder.path}`, `${folder.path}/deno`);
  const seen = new Set([await hash()]);
  const change = (file: string) =>
    Deno.writeTextFileSync(`${folder.path}/${file}`, "\n", { append: true });
  const parts = [
    ...["src/guest/main.ts", "src/libc/system.ts", "src/machine/protocol.ts"],
    ...["src/chain/chain_words.ts", "guest-build/stage.ts", "guest-build/skeleton.ts"],
    ...["src/archive/encode_tar_header.ts", "src/archive/cpio_names.ts", "src/host/write_aside.ts"],
    ...["guest-build/bundle_main.ts", "guest-build/bundle.ts"],
  ];
  for (const file of parts) {
    change(file);
    seen.add(await hash());
  }
  assert.equal(seen.size, parts.length + 1);
  ["src/run/execute.ts", "src/runners/mod.ts", "src/vm/get_machine.ts"].forEach(change);
  assert.ok(seen.has(await hash()));
});
