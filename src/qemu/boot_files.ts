// Kernel, initrd and memory, before QEMU is started with them.

import { MachineError } from "../machine/machine_error.ts";
import { messageOf } from "../model/errors.ts";
import { type MachineSpec, readsKernel } from "./argv.ts";
import { grantAccess, type QemuUser } from "./privileges.ts";

type Machine = Pick<MachineSpec, "kernel" | "initrd" | "machine" | "memory" | "memoryMib">;

/**
 * Looks whether they are there and fit in, and there is so much memory. QEMU would say so too, but not in a way that can be told from
 * other failures.
 *
 * @throws {MachineError} if not.
 */
export async function requireBootFiles({ kernel, initrd, memoryMib }: Machine): Promise<void> {
  requireMemory(memoryMib);
  await sizeOf("kernel", kernel);
  const initrdMib = Math.ceil(await sizeOf("initrd", initrd) / 2 ** 20);
  // It is there as it is and unpacked at the same time; the guest would say that it is damaged.
  if (2 * initrdMib < memoryMib) return;
  const message = `Cannot boot with ${memoryMib} MiB of memory as the initrd takes twice its ` +
    `${initrdMib} MiB while it is unpacked: give it more`;
  throw new MachineError(message, "start", [], "");
}

/** With what it may swap out; a guest that is larger would take its time, and this machine down with it. */
function requireMemory(memoryMib: number): void {
  const { total, swapTotal } = Deno.systemMemoryInfo(); // in bytes
  const mostMib = Math.floor((total + swapTotal) / 2 ** 20);
  if (memoryMib <= mostMib) return;
  const message =
    `Cannot boot with ${memoryMib} MiB of memory as this machine has ${mostMib} MiB, swap included`;
  throw new MachineError(message, "start", [], "");
}

async function sizeOf(what: string, path: string): Promise<number> {
  try {
    using file = await Deno.open(path);
    const { isFile, size } = await file.stat();
    if (!isFile) throw new Error("it is no file");
    if (size === 0) throw new Error("it is empty");
    return size;
  } catch (error) {
    const fact = error instanceof Deno.errors.NotFound ? "there is no such file" : messageOf(error);
    const message = `Cannot boot with the ${what} ${path} as ${fact}`;
    throw new MachineError(message, "start", [], "", error);
  }
}

/** The paths by which QEMU, as `user`, can read them; in `folder` if need be. */
export async function grantBootFiles(
  spec: Machine,
  { folder, user }: { readonly folder: string; readonly user: QemuUser | undefined },
): Promise<Pick<Machine, "kernel" | "initrd">> {
  const { kernel, initrd } = spec;
  if (!readsKernel(spec)) return { kernel, initrd };
  return {
    kernel: await grantAccess(kernel, { folder, name: "kernel", user }),
    initrd: await grantAccess(initrd, { folder, name: "initrd", user }),
  };
}
