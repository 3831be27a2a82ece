import assert from "node:assert/strict";
import { dirname } from "node:path";
import { findUnpacked } from "../../src/kernels/unpacked.ts";
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
    [[], "there is no folder of modules"],
    [["boot/vmlinuz-7.2.1"], "there is no folder of modules"],
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
