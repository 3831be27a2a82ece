// Makes the second disk of the outer guest: this checkout, and all that it needs to run without a
// network.

import { fileURLToPath } from "node:url";
import { findBusybox } from "../../guest-build/busybox.ts";
import { ensureInitrd } from "../../guest-build/ensure_initrd.ts";
import { runTool } from "../../src/host/run_tool.ts";
import { scratchFolder } from "../../src/host/scratch_folder.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { makeDisk } from "./base_image.ts";
import { tell } from "./tell.ts";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));

/** The parts of the checkout to copy: without history and build results. */
const COPIED = ["deno.json", "deno.lock", "mod.ts", "src", "guest-build", "kernel", "tests"];

/** Its maximum size; templates and files of tests are written there too. */
const DISK_MIB = 6144;

/**
 * Makes the disk at `path`.
 *
 * @param modules the modules of the checkout that run there; what they import is put into Deno's
 * cache
 * @throws {Error} if there is no kernel or no busybox for the inner guests.
 */
export async function makeWorkImage(path: string, modules: readonly string[]): Promise<void> {
  const kernel = await findKernel();
  const busybox = await findBusybox();
  if (kernel === undefined) throw new Error("cannot test without a kernel: execvm kernel fetch");
  if (busybox === undefined) throw new Error("cannot test without a static busybox");
  const initrd = await ensureInitrd(kernel);
  tell("packing this checkout");
  await using scratch = await scratchFolder();
  const folder = scratch.path;
  await Deno.chmod(folder, 0o755); // it becomes the root of the disk, which every user must be able to enter
  const folders = ["bin", "checkout", "deno-dir", "cache/kernels", "cache/initrds"]
    .map((name) => `${folder}/${name}`);
  for (const name of folders) await Deno.mkdir(name, { recursive: true });
  await Deno.copyFile(Deno.execPath(), `${folder}/bin/deno`);
  await Deno.copyFile(busybox, `${folder}/bin/busybox`);
  for (const name of COPIED) await copy(`${CHECKOUT}/${name}`, `${folder}/checkout`);
  await copy(kernel.image.replace(/\/[^/]*$/, ""), `${folder}/cache/kernels`);
  await copy(initrd, `${folder}/cache/initrds`);
  await runTool([
    Deno.execPath(),
    "cache",
    "--quiet",
    "--lock=deno.lock",
    "src/cli/main.ts",
    ...modules,
  ], {
    cwd: `${folder}/checkout`,
    env: { DENO_DIR: `${folder}/deno-dir` },
  });
  await makeDisk(folder, path, DISK_MIB);
}

async function copy(path: string, folder: string): Promise<void> {
  await runTool(["cp", "-a", path, folder]);
}
