import assert from "node:assert/strict";
import { prepareImage } from "../../mod.ts";
import { describeFiles } from "../../src/prepare/given_files.ts";
import { checkGiven } from "../../src/code/given_workspace.ts";
import { openGivenFile, readGivenFile } from "../../src/host/given_file.ts";
import { fetchKernel } from "../../src/kernels/fetch.ts";
import { openKernelFile } from "../../src/kernels/kernel_file.ts";
import { requireBootFiles } from "../../src/qemu/boot_files.ts";
import { execvm } from "../support/cli.ts";
import { KERNEL } from "../support/kernel.ts";
import { tempDir } from "../support/temp_dir.ts";

// A device stands for a fifo too, which nothing but its kind distinguishes from one.
const DEVICE = "/dev/null";

const TAKERS: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["the kernel of a machine", () => openKernelFile({ image: DEVICE })],
  ["a kernel for the cache", () => fetchKernel({ from: DEVICE })],
  ["a kernel that is hashed", () => fetchKernel({ from: DEVICE, sha256: "0".repeat(64) })],
  ["an initrd", () => requireBootFiles({ ...MACHINE, initrd: DEVICE })],
  ["the source of an image", () => prepareImage({ from: DEVICE })],
  ["a file of an image", () => describeFiles({ "/x": DEVICE })],
  ["a file for code", () => checkGiven({ x: DEVICE })],
];

const MACHINE = { kernel: KERNEL, machine: "q35", memoryMib: 256 };

for (const [what, take] of TAKERS) {
  Deno.test(`${what} is not read from a device, nor waited for at a fifo`, async () => {
    await assert.rejects(take, /: it is not a file$/);
  });
}

Deno.test("a fifo without a writer is refused", async () => {
  using folder = tempDir();
  const fifo = `${folder.path}/fifo`;
  assert.ok((await new Deno.Command("mkfifo", { args: [fifo] }).output()).success);
  await assert.rejects(openGivenFile(fifo), { message: "it is not a file" });
  await assert.rejects(readGivenFile(fifo), { message: "it is not a file" });
  await assert.rejects(readGivenFile(folder.path), { message: "it is a folder" });
});

Deno.test("the command line refuses a fifo as a kernel in one line", async () => {
  using folder = tempDir();
  const fifo = `${folder.path}/fifo`;
  assert.ok((await new Deno.Command("mkfifo", { args: [fifo] }).output()).success);
  const { code, stderr } = await execvm(["run", "-r", "vm", "--kernel", fifo, "--", "true"]);
  assert.deepEqual([code, stderr], [
    125,
    `execvm: cannot boot the kernel "${fifo}": it is not a file\n`,
  ]);
});
