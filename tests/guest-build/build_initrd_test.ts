import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { buildInitrd } from "../../guest-build/build_initrd.ts";
import { cmd, file, gzip, tar } from "../../mod.ts";
import { hashFile } from "../../src/host/hash_file.ts";
import { eventually } from "../support/eventually.ts";
import { KERNEL } from "../support/kernel.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";
import { BARE_KERNEL, bootByHand, listInitrd, OFFLINE } from "./fixture.ts";

Deno.test({
  ...needs("the same inputs give the same initrd, whatever the umask", "/bin/busybox"),
  async fn() {
    using folder = tempDir();
    const module = `${folder.path}/a.ko`;
    Deno.writeTextFileSync(module, "module");
    const kernel = { ...BARE_KERNEL, modules: [module] };
    const outputs = ["one", "two"].map((name) => `${folder.path}/${name}`);
    await buildInitrd({ ...OFFLINE, kernel, output: outputs[0]! });
    const before = Deno.umask(0o077);
    try {
      await buildInitrd({ ...OFFLINE, kernel, output: outputs[1]! });
    } finally {
      Deno.umask(before);
    }
    assert.equal(await hashFile(outputs[0]!), await hashFile(outputs[1]!));
    assert.deepEqual(Array.from(Deno.readDirSync(folder.path), ({ name }) => name).sort(), [
      "a.ko",
      "one",
      "two",
    ]);
  },
});

Deno.test({
  ...needs(
    "all files of an initrd belong to root, are of 1970, and are in their places",
    "/bin/busybox",
    "cpio",
  ),
  async fn() {
    using folder = tempDir();
    const module = `${folder.path}/a.ko`;
    Deno.writeTextFileSync(module, "module");
    const output = `${folder.path}/initrd`;
    await buildInitrd({ ...OFFLINE, kernel: { ...BARE_KERNEL, modules: [module] }, output });
    const lines = await listInitrd(output);
    for (const line of lines) assert.match(line, /^\S+ +\d+ 0 +0 .* Jan +1 +1970 /);
    for (
      const entry of [
        /^crw------- .* 5, +1 .* dev\/console$/,
        /^crw-rw-rw- .* 1, +3 .* dev\/null$/,
        /^drwxrwxrwt .* tmp$/,
        /^-rwxr-xr-x .* init$/,
        /^-rwxr-xr-x .* execvm\/deno$/,
        /^-rwxr-xr-x .* execvm\/lib\/ld\.so$/,
        /^-rwxr-xr-x .* execvm\/modules\/a\.ko$/,
        /^-rw-r--r-- .* execvm\/about$/,
        /^lrwxrwxrwx .* bin\/sh -> \/execvm\/busybox$/,
      ]
    ) assert.ok(lines.some((line) => entry.test(line)), `no ${entry} in:\n${lines.join("\n")}`);
  },
});

Deno.test("a missing part of an initrd is named, and nothing is left", async () => {
  using folder = tempDir();
  const missing = `${folder.path}/missing`;
  const output = `${folder.path}/initrd`;
  const build = (change: object) =>
    buildInitrd({ ...OFFLINE, kernel: BARE_KERNEL, output, ...change });
  await assert.rejects(build({ root: missing }), /missing/);
  await assert.rejects(build({ busybox: missing }), /missing/);
  await assert.rejects(build({ kernel: { ...BARE_KERNEL, modules: [missing] } }), /missing/);
  const noTar = `${folder.path}/no.tar`;
  Deno.writeTextFileSync(noTar, "no tar at all ".repeat(100));
  await assert.rejects(build({ root: noTar }));
  assert.deepEqual(Array.from(Deno.readDirSync(folder.path), ({ name }) => name), ["no.tar"]);
});

/** A root like a distribution's: /bin and /lib are links, busybox is its only program. */
async function makeRoot(folder: string): Promise<string> {
  for (const name of ["usr/bin", "usr/lib", "etc", "dev"]) {
    Deno.mkdirSync(`${folder}/root/${name}`, { recursive: true });
  }
  for (const name of ["bin", "lib", "lib64"]) {
    Deno.symlinkSync(`usr/${name === "bin" ? name : "lib"}`, `${folder}/root/${name}`);
  }
  Deno.copyFileSync("/bin/busybox", `${folder}/root/usr/bin/busybox`);
  for (const name of ["sh", "cat"]) Deno.symlinkSync("busybox", `${folder}/root/usr/bin/${name}`);
  Deno.writeTextFileSync(`${folder}/root/usr/lib/marker`, "library\n");
  Deno.writeTextFileSync(`${folder}/root/etc/alpine-release`, "3.99.0\n");
  const path = `${folder}/root.tar.gz`;
  await tar(".", { directory: `${folder}/root` }).pipe(gzip()).to(file(path)).run();
  return path;
}

Deno.test({
  ...needs(
    "an initrd with another root boots, and that root keeps its own /bin and /lib",
    "qemu-system-x86_64",
    "/bin/busybox",
    KERNEL,
  ),
  async fn() {
    using folder = tempDir();
    const root = await makeRoot(folder.path);
    const output = `${folder.path}/initrd`;
    const { guest } = await buildInitrd({ ...OFFLINE, kernel: BARE_KERNEL, root, output });
    assert.equal(guest.kind, "bundled");
    const script =
      "cat /etc/alpine-release /lib/marker /execvm/about; busybox readlink /bin; [ -e /bin/wc ] || echo no wc; exit 7";
    const console = await bootByHand(output, "/bin/sh", "-c", script);
    const lines = console.split("\r\n");
    for (
      const line of [
        "3.99.0",
        "library",
        `guest: bundled, with Deno ${Deno.version.deno}`,
        `root: an archive with sha256 ${await hashFile(root)}`,
        "usr/bin",
        "no wc", // the root has none, and gets none of execvm's
        "execvm: exit 7",
      ]
    ) assert.ok(lines.includes(line), `${line} is not in:\n${console}`);
  },
});

Deno.test({
  ...needs(
    "with a denort the guest is one executable, as /execvm/about reports",
    "/bin/busybox",
    "cpio",
  ),
  async fn() {
    using folder = tempDir();
    const output = `${folder.path}/initrd`;
    // Deno in place of a denort: `deno compile` accepts it, only its output cannot run.
    const deno = { ...OFFLINE.deno, denort: Deno.execPath() };
    const { guest } = await buildInitrd({ kernel: BARE_KERNEL, output, deno });
    assert.equal(guest.kind, "compiled");
    const lines = await listInitrd(output);
    assert.ok(lines.some((line) => / execvm\/guest$/.test(line)));
    assert.ok(lines.some((line) => / execvm\/lib\/ld\.so$/.test(line)));
    assert.ok(lines.some((line) => / proc\/self\/exe -> \/execvm\/guest$/.test(line)));
    assert.ok(!lines.some((line) => / execvm\/(deno|guest\.js)$/.test(line)), lines.join("\n"));
    const script = 'while cpio -i --to-stdout execvm/about init 2>/dev/null; do :; done < "$1"';
    const texts = await cmd("sh", "-c", script, "sh", output).text();
    assert.match(texts, /^guest: compiled by Deno \d/m);
    assert.match(texts, /^exec \/execvm\/guest "\$@"$/m);
  },
});

Deno.test({
  ...needs("a root may be uncompressed", "/bin/busybox", "cpio"),
  async fn() {
    using folder = tempDir();
    Deno.writeTextFileSync(`${folder.path}/marker`, "");
    const root = `${folder.path}/root.tar`;
    await tar("marker", { directory: folder.path }).to(file(root)).run();
    const output = `${folder.path}/initrd`;
    await buildInitrd({ ...OFFLINE, kernel: BARE_KERNEL, root, output });
    const lines = await listInitrd(output);
    assert.ok(lines.some((line) => / marker$/.test(line)));
    assert.ok(!lines.some((line) => / bin/.test(line)), "busybox's commands are there too");
  },
});

Deno.test({
  ...needs("SIGKILL while an initrd is built leaves nothing", "/bin/busybox"),
  async fn() {
    using folder = tempDir();
    const url = new URL("../../guest-build/build_initrd.ts", import.meta.url);
    const fifo = `${folder.path}/module`;
    await cmd("mkfifo", fifo).run();
    // It hangs at a module that never arrives, with its folder half full.
    const program = `import { buildInitrd } from ${JSON.stringify(fileURLToPath(url))};
      await buildInitrd(${
      JSON.stringify({
        ...OFFLINE,
        kernel: { ...BARE_KERNEL, modules: [fifo] },
        output: `${folder.path}/out/initrd`,
      })
    });`;
    const temporary = `${folder.path}/tmp`;
    Deno.mkdirSync(temporary);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", program],
      env: { TMPDIR: temporary },
    }).spawn();
    const left = () => Array.from(Deno.readDirSync(temporary)).length;
    await eventually(left, (count) => count > 0, 10_000);
    child.kill("SIGKILL");
    await child.status;
    await eventually(left, (count) => count === 0, 5_000);
  },
});
