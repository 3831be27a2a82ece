// The seed's own examples, run for real.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { file, gzip, tar } from "../../mod.ts";
import { EXECVM } from "../support/cli.ts";
import { DOCKER, IMAGE, startEngine } from "../support/docker.ts";
import { buildExecvmImage } from "../support/execvm_image.ts";
import { KERNEL } from "../support/kernel.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

await startEngine();

const MACHINE = ["qemu-system-x86_64", "busybox", KERNEL] as const;

/** Runs an example; what it prints. */
async function example(name: string, ...args: string[]): Promise<{ out: string; err: string }> {
  const path = fileURLToPath(new URL(`seed/${name}.ts`, import.meta.url));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", path, ...args],
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [
    string,
    string,
  ];
  assert.equal(code, 0, err);
  return { out, err };
}

Deno.test({
  ...needs("echo | wc in containers counts six", DOCKER),
  async fn() {
    assert.equal((await example("echo_wc", IMAGE)).out, "6\n");
  },
});

Deno.test({
  ...needs("echo | wc in containers counts six in a shell's pipeline too", DOCKER),
  async fn() {
    const [program, ...args] = EXECVM;
    const run = "image=$1; shift; " +
      '"$@" run -r docker --image "$image" -- echo hello | "$@" run -r docker --image "$image" -- wc -c';
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", run, "sh", IMAGE, program, ...args],
    }).output();
    assert.equal(new TextDecoder().decode(stdout), "6\n");
  },
});

Deno.test({
  ...needs("different stages run in different images", DOCKER),
  async fn() {
    assert.equal((await example("two_images", IMAGE)).out, "no name\nthe second image\n");
  },
});

Deno.test({
  ...needs("tar | tar -t | wc -l > output is 2", DOCKER),
  async fn() {
    const [json, output] = (await example("count_files", IMAGE)).out.split("\n");
    assert.match(json!, /^\{"type":"tar","files":\["file1","file2"\],"compression":"gzip",/);
    assert.match(json!, /"runner":\{"type":"docker","image":/);
    assert.equal(output, "2");
  },
});

Deno.test({
  ...needs(
    "one pipeline runs on this machine, in a container and in a virtual one",
    DOCKER,
    ...MACHINE,
  ),
  async fn() {
    const { out, err } = await example("everywhere", IMAGE);
    assert.match(err, /^(sh -c .* sh (local|docker|vm)\n){3}/);
    assert.match(out, /^void: ""\n/);
    assert.match(out, /= docker run -i --rm [^]* --network none /);
    assert.match(out, /= qemu-system-x86_64 /);
    assert.match(out, /\nbegan\nlocal, process \d+\ndocker, process \d+\nvm, process \d+\n$/);
  },
});

Deno.test({
  ...needs("the seed's pipeline makes an initrd in a container, and it boots", DOCKER, ...MACHINE),
  async fn() {
    using folder = tempDir();
    const root = `${folder.path}/root`;
    Deno.mkdirSync(`${root}/bin`, { recursive: true });
    Deno.mkdirSync(`${root}/etc`);
    Deno.writeTextFileSync(`${root}/etc/os-release`, "NAME=merged\n");
    Deno.symlinkSync("/execvm/busybox", `${root}/bin/cat`);
    const minirootfs = `${folder.path}/minirootfs.tar.gz`;
    await tar(".", { directory: root }).pipe(gzip()).to(file(minirootfs)).run();
    const { out } = await example("initrd", await buildExecvmImage(), minirootfs);
    assert.equal(out, "NAME=merged\n");
  },
});
