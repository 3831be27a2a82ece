// execvm compiled for aarch64, which may not be this machine's architecture: as the first process of a machine, and
// as a command in it.

import assert from "node:assert/strict";
import { appletsOf, ensureBusybox } from "../../guest-build/busybox.ts";
import { ensureForeignParts } from "../../guest-build/foreign_parts.ts";
import { skeleton } from "../../guest-build/skeleton.ts";
import { stage } from "../../guest-build/stage.ts";
import { bytes, cmd, cpio, file, tar, text, vm } from "../../mod.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { compileExecvm } from "../harness/compile_execvm.ts";
import { kernelOf } from "../support/kernel.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

/** An initrd whose guest is the execvm at a path; its path in `folder`. */
async function makeInitrd(folder: string, program: string): Promise<string> {
  const { busybox, libraries } = await ensureForeignParts("aarch64");
  const root = `${folder}/stage`;
  Deno.mkdirSync(root);
  await stage(root, {
    kernel: (await findKernel("aarch64"))!,
    guest: { kind: "compiled", program },
    applets: await appletsOf(await ensureBusybox()),
    root: "busybox",
    busybox,
    libraries,
  });
  const owned = { mtime: 0, owner: { uid: 0, gid: 0 } };
  await bytes(skeleton()).pipe(cpio()).to(file(`${folder}/0`)).run();
  await tar(".", { directory: root, ...owned }).pipe(cpio()).to(file(`${folder}/1`)).run();
  await cmd("cat", `${folder}/0`, `${folder}/1`).to(file(`${folder}/initrd`)).run();
  return `${folder}/initrd`;
}

/** What is run in the machine, with stdin: it is at /proc/1/exe there. */
const LOOK = `
uname -m
readlink /proc/1/exe
cat; echo
export LD_LIBRARY_PATH=/execvm/lib
echo piped | /execvm/guest run -- cat
/execvm/guest chain -- echo a -- echo b`;

Deno.test({
  ...needs(
    "compiled for aarch64 it is the first process of a machine of aarch64, and runs in it",
    ...["qemu-system-aarch64", "busybox", await kernelOf("aarch64")],
  ),
  async fn() {
    using folder = tempDir();
    await compileExecvm(`${folder.path}/execvm`, "aarch64");
    const initrd = await makeInitrd(folder.path, `${folder.path}/execvm`);
    const machine = vm({ arch: "aarch64", accel: "tcg", template: false, initrd });
    const lines = await text("given").pipe(machine.cmd("sh", "-c", LOOK)).lines();
    assert.deepEqual(lines, ["aarch64", "/execvm/guest", "given", "piped", "a", "b"]);
  },
});
