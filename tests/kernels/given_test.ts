// Kernels that the user gives: packages, folders, trees and images, with their modules.

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fetchKernel, type FetchKernelOptions } from "../../src/kernels/fetch.ts";
import { openKernelFile } from "../../src/kernels/kernel_file.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";
import { bzImage, moduleElf, ownCache } from "./fixture.ts";

const V = "6.1.0-test";
const IMAGE = bzImage(`${V} (me)`);
const MODULE = moduleElf([`vermagic=${V} SMP mod_unload`]);

/** Writes files below a folder. */
function write(root: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  for (const [path, content] of Object.entries(files)) {
    Deno.mkdirSync(dirname(`${root}/${path}`), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(`${root}/${path}`, bytes);
  }
  return root;
}

/** What `make modules_install` makes, with one module that a guest needs. */
function modulesOf(
  version: string,
  module = MODULE,
): Readonly<Record<string, Uint8Array | string>> {
  const folder = `lib/modules/${version}`;
  return {
    [`${folder}/kernel/fs/ext4.ko`]: module,
    [`${folder}/kernel/sound/snd.ko`]: "not one that a guest needs",
    [`${folder}/modules.dep`]: "",
  };
}

const CONTROL = "Package: k\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n";

async function makePackage(root: string, deb: string): Promise<string> {
  write(root, { "DEBIAN/control": CONTROL });
  const args = ["--build", "--root-owner-group", root, deb];
  assert.ok((await new Deno.Command("dpkg-deb", { args }).output()).success);
  return deb;
}

function namesOf(paths: readonly string[]): string[] {
  return paths.map((path) => path.slice(path.lastIndexOf("/") + 1));
}

Deno.test({
  ...needs(
    "fetchKernel() takes a kernel from a package, alone or with one of its modules",
    "dpkg-deb",
  ),
  async fn() {
    using _cache = ownCache();
    using folder = tempDir();
    const boot = { [`boot/vmlinuz-${V}`]: IMAGE };
    const whole = write(`${folder.path}/whole`, { ...boot, ...modulesOf(V) });
    const from = await makePackage(whole, `${folder.path}/whole.deb`);
    const kernel = await fetchKernel({ from });
    assert.equal(kernel.version, V);
    assert.equal(kernel.source, from);
    assert.deepEqual(namesOf(kernel.modules), ["ext4.ko"]);
    const image = await makePackage(write(`${folder.path}/i`, boot), `${folder.path}/i.deb`);
    const modules = await makePackage(
      write(`${folder.path}/m`, modulesOf(V)),
      `${folder.path}/m.deb`,
    );
    assert.equal((await fetchKernel({ from: image, modules })).id, kernel.id);
    assert.deepEqual((await fetchKernel({ from: image })).modules, []);
  },
});

Deno.test("fetchKernel() takes a kernel from an unpacked folder, and from a tree with its modules", async () => {
  using _cache = ownCache();
  using folder = tempDir();
  const unpacked = { [`boot/vmlinuz-${V}`]: IMAGE, ...modulesOf(V) };
  const kernel = await fetchKernel({ from: write(`${folder.path}/unpacked`, unpacked) });
  assert.deepEqual(namesOf(kernel.modules), ["ext4.ko"]);
  const tree = write(`${folder.path}/tree`, {
    "arch/x86/boot/bzImage": IMAGE,
    vmlinux: "\x7fELF",
    Makefile: "",
    "modules.order": "",
  });
  const modules = write(`${folder.path}/mods`, modulesOf(V));
  assert.equal((await fetchKernel({ from: tree, modules })).id, kernel.id);
});

Deno.test({
  ...needs(
    "fetchKernel() reports what is wrong with a given kernel, and keeps nothing",
    "dpkg-deb",
  ),
  async fn() {
    using cache = ownCache();
    using folder = tempDir();
    const path = (name: string) => `${folder.path}/${name}`;
    const bz = path("bzImage");
    Deno.writeFileSync(bz, IMAGE);
    Deno.writeFileSync(path("vmlinux"), new TextEncoder().encode("\x7fELF" + "0".repeat(1000)));
    Deno.writeTextFileSync(path("cut.deb"), "!<arch>\n");
    Deno.mkdirSync(path("empty"));
    const docs = write(path("docs"), { "usr/share/doc/k/README": "" });
    const other = write(path("other"), modulesOf("6.2.0"));
    const renamed = moduleElf(["vermagic=6.2.0 SMP"]);
    const misfit = write(path("misfit"), modulesOf(V, renamed));
    const damaged = write(path("damaged"), modulesOf(V, new Uint8Array(100)));
    const rows: [FetchKernelOptions, RegExp][] = [
      [
        { from: await makePackage(docs, path("docs.deb")) },
        /"\S*docs\.deb": there is no kernel image$/,
      ],
      [
        { from: path("cut.deb") },
        /^cannot fetch "\S*cut\.deb": dpkg-deb --extract exited with code 2/,
      ],
      [{ from: path("empty") }, /"\S*empty": there is no kernel image$/],
      [{ from: path("vmlinux") }, /: it is an ELF file, such as vmlinux, not a bzImage/],
      [{ from: bz, modules: path("empty") }, /empty": it has no folder lib\/modules\/RELEASE$/],
      [{ from: bz, modules: path("none") }, /none": there is no such file or folder$/],
      [{ from: bz, modules: bz }, /bzImage": it is neither a folder nor a package \(\.deb\)$/],
      [{ from: bz, modules: other }, /its modules are for 6\.2\.0, not for 6\.1\.0-test$/],
      [
        { from: bz, modules: misfit },
        /the version magic of ext4 is that of 6\.2\.0, and the kernel is 6\.1\.0-test \(Exec format error\)$/,
      ],
      [{ from: bz, modules: damaged }, /it is not a kernel module: it is not a 64-bit ELF file$/],
    ];
    for (const [options, message] of rows) {
      await assert.rejects(fetchKernel(options), { message });
      assert.deepEqual([...Deno.readDirSync(`${cache.path}/kernels`)], [], String(message));
    }
  },
});

Deno.test("openKernelFile() has the modules of an image in boot, or the given ones, until it is disposed", async () => {
  using folder = tempDir();
  write(folder.path, { [`boot/vmlinuz-${V}`]: IMAGE, bzImage: IMAGE, ...modulesOf(V) });
  const image = `${folder.path}/bzImage`;
  const inBoot = await openKernelFile({ image: `${folder.path}/boot/vmlinuz-${V}` });
  const given = await openKernelFile({ image, modules: folder.path });
  await using alone = await openKernelFile({ image });
  assert.deepEqual([given.version, given.arch, given.image], [V, "x86_64", image]);
  assert.equal(inBoot.id, given.id);
  assert.notEqual(alone.id, given.id);
  assert.deepEqual(namesOf(given.modules), ["ext4.ko"]);
  assert.deepEqual(alone.modules, []);
  const [copy] = given.modules;
  assert.deepEqual(Deno.readFileSync(copy!), MODULE);
  for (const each of [given, inBoot]) await each[Symbol.asyncDispose]();
  assert.throws(() => Deno.statSync(copy!), Deno.errors.NotFound);
});
