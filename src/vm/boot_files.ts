// Finds the kernel and the initrd that a machine boots.

import { findKernel, type Kernel, listKernels } from "../kernels/find.ts";
import { HOST_ARCH, type KernelArch } from "../machine/architectures.ts";
import { MachineError } from "../machine/machine_error.ts";
import type { OnMachinePhase } from "../machine/phases.ts";
import { messageOf } from "../model/errors.ts";
import type { VmOptions } from "./options.ts";

/** Paths of what a machine boots. */
export interface BootFiles {
  readonly kernel: string;
  readonly initrd: string;
}

/**
 * Finds the kernel and the initrd to boot; builds a missing initrd.
 *
 * @throws {MachineError} if there is no kernel, it is damaged or for another architecture, or its
 * modules are missing or for another kernel.
 */
export async function findBootFiles(
  options: Pick<VmOptions, "kernel" | "modules" | "initrd">,
  arch: KernelArch,
  onPhase?: OnMachinePhase,
): Promise<BootFiles> {
  const { kernel, initrd } = options;
  await using opened = new AsyncDisposableStack();
  if (initrd !== undefined) {
    const found = await (kernel === undefined ? defaultKernel(arch) : findInCache(kernel, arch));
    return { kernel: found?.image ?? kernel!, initrd };
  }
  const found = kernel === undefined
    ? await defaultKernel(arch)
    : await chosenKernel({ ...options, kernel }, arch, opened);
  const onProgress = (step: string) => onPhase?.("preparing", step);
  const { ensureInitrd } = await import("../../guest-build/ensure_initrd.ts");
  return { kernel: found.image, initrd: await ensureInitrd(found, { onProgress }) };
}

async function defaultKernel(arch: KernelArch): Promise<Kernel> {
  const found = await findKernel(arch);
  if (found !== undefined) return found;
  throw cannotBoot(
    "a machine",
    arch === HOST_ARCH
      ? "there is no kernel: run execvm kernel fetch"
      : `there is no kernel of ${arch}: run execvm kernel fetch --arch ${arch}`,
  );
}

/** The kernel that the user named: one of the cache, or a file with its modules. */
async function chosenKernel(
  { kernel, modules }: Pick<VmOptions, "modules"> & { readonly kernel: string },
  arch: KernelArch,
  opened: AsyncDisposableStack,
): Promise<Kernel> {
  const known = await findInCache(kernel, arch);
  if (known !== undefined && modules === undefined) return known;
  const found = await openFile(known?.image ?? kernel, modules);
  opened.use(found);
  requireArch(kernel, found, arch);
  return found;
}

async function openFile(image: string, modules: string | undefined) {
  const { openKernelFile } = await import("../kernels/kernel_file.ts");
  try {
    return await openKernelFile({ image, modules });
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    const fact = isMissing ? whyNotFound(image) : messageOf(error);
    throw cannotBoot(`the kernel ${JSON.stringify(image)}`, fact, error);
  }
}

function whyNotFound(kernel: string): string {
  if (kernel.includes("/")) return "there is no such file";
  return "there is no such file, and no such release in the cache (execvm kernel list)";
}

/** A kernel of the cache, by the path of its image, its name or its release; a file comes first. */
async function findInCache(kernel: string, arch: KernelArch): Promise<Kernel | undefined> {
  const known = await listKernels();
  const byPath = known.find(({ image }) => image === kernel);
  const isFile = await Deno.stat(kernel).then(() => true, () => false);
  if (byPath === undefined && isFile) return undefined;
  const named = known.filter(({ id, version }) => id === kernel || version === kernel);
  const found = byPath ?? named.find((each) => each.arch === arch) ?? named[0];
  if (found !== undefined) requireArch(kernel, found, arch);
  return found;
}

/** @throws {MachineError} if the kernel is for another architecture than the machine. */
function requireArch(name: string, found: Kernel, arch: KernelArch): void {
  if (found.arch === arch) return;
  throw cannotBoot(`the kernel ${name}`, `it is for ${found.arch}, and the machine is of ${arch}`);
}

function cannotBoot(what: string, fact: string, cause?: unknown): MachineError {
  return new MachineError(`cannot boot ${what}: ${fact}`, "start", [], "", cause);
}
