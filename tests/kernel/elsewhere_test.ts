// Building a kernel on other runners: in a container, and in a virtual machine.

import assert from "node:assert/strict";
import { cmd, docker, tar, vm } from "../../mod.ts";
import { findBusybox } from "../../guest-build/busybox.ts";
import { DOCKER, startEngine } from "../support/docker.ts";
import { KERNEL } from "../support/kernel.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";
import { buildTree } from "./tree.ts";

const STEPS = ["unpacking the source", "configuring", "checking", "compiling"];

/** A root with busybox, and with make and its libraries. */
async function makeRoot(root: string): Promise<void> {
  const busybox = (await findBusybox())!;
  const libraries = (await cmd("ldd", "/usr/bin/make").text()).matchAll(/(\/\S+) \(0x/g);
  for (const path of ["/usr/bin/make", ...[...libraries].map(([, path]) => path!)]) {
    copy(path, `${root}${path}`);
  }
  copy(busybox, `${root}/bin/busybox`);
  for (const applet of ["sh", "mkdir", "tar", "gunzip", "gzip", "awk", "grep", "cat", "echo"]) {
    Deno.symlinkSync("busybox", `${root}/bin/${applet}`);
  }
  Deno.mkdirSync(`${root}/tmp`);
}

function copy(from: string, to: string): void {
  Deno.mkdirSync(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  Deno.copyFileSync(from, to);
  Deno.chmodSync(to, 0o755);
}

Deno.test({
  ...needs("a kernel is built in a container", DOCKER, "make"),
  async fn() {
    await startEngine();
    using folder = tempDir();
    await makeRoot(folder.path);
    const image = "execvm-test-make";
    await tar(".", { directory: folder.path }).pipe(cmd("docker", "import", "-", image)).text();
    const built = await buildTree("CONFIG_A=y\n", {
      runner: docker({ image }),
      workDir: "/tmp/work",
    });
    assert.equal(built.image, "image of execvm at some day", built.log.tail);
    assert.deepEqual(built.steps, STEPS);
  },
});

Deno.test({
  ...needs("a kernel is built in a virtual machine", "qemu-system-x86_64", KERNEL, "make"),
  async fn() {
    using folder = tempDir();
    await makeRoot(folder.path);
    const runner = vm({ accel: "tcg", root: folder.path });
    const built = await buildTree("CONFIG_A=y\n", { runner, workDir: "/tmp/work" });
    assert.equal(built.image, "image of execvm at some day", built.log.tail);
    assert.deepEqual(built.steps, STEPS);
  },
});
