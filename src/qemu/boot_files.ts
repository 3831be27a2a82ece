// Checks kernel, initrd and memory size before QEMU is started, and lets QEMU read the files.

import { openGivenFile } from "../host/given_file.ts";
import { MachineError } from "../machine/machine_error.ts";
import { messageOf } from "../model/errors.ts";
import { type MachineSpec, readsKernel } from "./argv.ts";
import { grantAccess, type QemuUser } from "./privileges.ts";

type Machine = Pick<MachineSpec, "kernel" | "initrd" | "machine" | "memory" | "memoryMib">;

/**
 * Checks that kernel and initrd exist and fit into the memory, and that the host has that much.
 * QEMU would fail too, but its error could not be distinguished from others.
 *
 * @throws {MachineError} if a file is missing or empty, or there is too little memory.
 */
export async function requireBootFiles({ kernel, initrd, memoryMib }: Machine): Promise<void> {
  requireMemory(memoryMib);
  await sizeOf("kernel", kernel);
  const initrdMib = Math.ceil(await sizeOf("initrd", initrd) / 2 ** 20);
  // Packed and unpacked initrd are in memory together; the guest would report a damaged one.
  if (2 * initrdMib < memoryMib) return;
  const message = `cannot boot with ${memoryMib} MiB of memory: the initrd takes twice its ` +
    `${initrdMib} MiB while it is unpacked: give it more`;
  throw new MachineError(message, "start", [], "");
}

/** Counts swap too; a guest that is larger than both would take the host down with it. */
function requireMemory(memoryMib: number): void {
  const { total, swapTotal } = Deno.systemMemoryInfo(); // in bytes
  const mostMib = Math.floor((total + swapTotal) / 2 ** 20);
  if (memoryMib <= mostMib) return;
  const message =
    `cannot boot with ${memoryMib} MiB of memory: this machine has ${mostMib} MiB, swap included`;
  throw new MachineError(message, "start", [], "");
}

async function sizeOf(what: string, path: string): Promise<number> {
  try {
    using file = await openGivenFile(path);
    const { size } = await file.stat();
    if (size === 0) throw new Error("it is empty");
    return size;
  } catch (error) {
    const fact = error instanceof Deno.errors.NotFound ? "there is no such file" : messageOf(error);
    const message = `cannot boot with the ${what} ${path}: ${fact}`;
    throw new MachineError(message, "start", [], "", error);
  }
}

/**
 * Returns paths by which QEMU, as `user`, can read kernel and initrd: their own, or those of links
 * or copies in `folder`.
 */
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
