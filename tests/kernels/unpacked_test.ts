import assert from "node:assert/strict";
import { dirname } from "node:path";
import { findModulesBeside, findModulesDir, findUnpacked } from "../../src/kernels/unpacked.ts";
import { tempDir } from "../support/temp_dir.ts";

/** Makes empty files below a folder. */
function makeFiles(root: string, paths: readonly string[]): void {
  for (const path of paths) {
    Deno.mkdirSync(dirname(`${root}/${path}`), { recursive: true });
    Deno.writeTextFileSync(`${root}/${path}`, "");
  }
}

/** Packages of a kernel: files, then the expected image, configuration and folder of modules. */
const LAYOUTS: Record<string, [string[], string, string | undefined, string]> = {
  "Debian 12": [
    ["boot/vmlinuz-6.1.0-1", "boot/config-6.1.0-1", "lib/modules/6.1.0-1/modules.builtin"],
    "boot/vmlinuz-6.1.0-1",
    "boot/config-6.1.0-1",
    "lib/modules/6.1.0-1",
  ],
  "Debian 13": [
    ["boot/vmlinuz-6.12.1", "boot/config-6.12.1", "usr/lib/modules/6.12.1/modules.builtin"],
    "boot/vmlinuz-6.12.1",
    "boot/config-6.12.1",
    "usr/lib/modules/6.12.1",
  ],
  "Debian 14": [
    ["vmlinuz", "config", "modules.builtin"].map((name) => `usr/lib/modules/7.2.1/${name}`),
    "usr/lib/modules/7.2.1/vmlinuz",
    "usr/lib/modules/7.2.1/config",
    "usr/lib/modules/7.2.1",
  ],
  "no configuration": [
    ["boot/vmlinux-6.1.0-1", "lib/modules/6.1.0-1/modules.builtin"],
    "boot/vmlinux-6.1.0-1",
    undefined,
    "lib/modules/6.1.0-1",
  ],
};

for (const [name, [files, image, config, modulesDir]] of Object.entries(LAYOUTS)) {
  Deno.test(`findUnpacked() finds a kernel in packages of ${name}`, () => {
    using folder = tempDir();
    makeFiles(folder.path, files);
    const under = (path: string) => `${folder.path}/${path}`;
    assert.deepEqual(findUnpacked(folder.path), {
      image: under(image),
      config: config && under(config),
      modulesDir: under(modulesDir),
    });
  });
}

Deno.test("findUnpacked() reports parts that are missing or exist twice", () => {
  const modules = "usr/lib/modules/7.2.1/modules.builtin";
  const rows: [string[], string][] = [
    [[], "there is no kernel image"],
    [[modules], "there is no kernel image"],
    [[modules, "usr/lib/modules/7.2.1/vmlinuz.unsigned"], "there is no kernel image"],
    [
      [modules, "boot/vmlinuz-7.2.1", "boot/vmlinuz-7.2.2"],
      "there is more than one kernel image: vmlinuz-7.2.1, vmlinuz-7.2.2",
    ],
    [
      [modules, "lib/modules/6.1.0/modules.builtin"],
      "there is more than one folder of modules: 6.1.0, 7.2.1",
    ],
  ];
  for (const [files, message] of rows) {
    using folder = tempDir();
    makeFiles(folder.path, files);
    assert.throws(() => findUnpacked(folder.path), { message });
  }
});

Deno.test("findUnpacked() finds the image of a tree that was built, and no vmlinux", () => {
  using folder = tempDir();
  makeFiles(folder.path, ["vmlinux", "arch/x86/boot/bzImage", ".config", "Makefile"]);
  makeFiles(folder.path, ["modules.order", "modules.builtin"]);
  assert.deepEqual(findUnpacked(folder.path), {
    image: `${folder.path}/arch/x86/boot/bzImage`,
    modulesDir: undefined,
    config: `${folder.path}/.config`,
  });
});

Deno.test("findModulesDir() finds the folder of a release, directly or where make installs it", () => {
  using folder = tempDir();
  const installed = ["6.12.1", "6.12.2"].map((name) => `lib/modules/${name}`);
  makeFiles(folder.path, installed.map((path) => `${path}/modules.dep`));
  const [first] = installed.map((path) => `${folder.path}/${path}`);
  assert.equal(findModulesDir(folder.path, "6.12.1"), first);
  assert.equal(findModulesDir(`${folder.path}/lib/modules`, "6.12.1"), first);
  assert.equal(findModulesDir(first!, "6.12.1"), first);
  const wrong = { message: "its modules are for 6.12.1, 6.12.2, not for 6.1.0" };
  assert.throws(() => findModulesDir(folder.path, "6.1.0"), wrong);
  const none = { message: "it has no folder lib/modules/RELEASE" };
  assert.throws(() => findModulesDir(`${folder.path}/lib`, "6.1.0"), none);
});

Deno.test("findModulesBeside() finds those of an image where a distribution puts both", () => {
  using folder = tempDir();
  const paths = ["boot/vmlinuz-6.1.0", "lib/modules/6.1.0/modules.dep", "elsewhere/vmlinuz-6.1.0"];
  makeFiles(folder.path, [...paths, "lib/modules/6.1.0/vmlinuz"]);
  const modules = `${folder.path}/lib/modules/6.1.0`;
  const beside = (image: string, version = "6.1.0") =>
    findModulesBeside(`${folder.path}/${image}`, version);
  assert.equal(beside("boot/vmlinuz-6.1.0"), modules);
  assert.equal(beside("lib/modules/6.1.0/vmlinuz"), modules);
  assert.equal(beside("elsewhere/vmlinuz-6.1.0"), undefined);
  assert.equal(beside("boot/vmlinuz-6.1.0", "6.2.0"), undefined);
});
