// Finds the kernels that tests boot; tests/setup.ts puts them into the cache.

import "./test_cache.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { HOST_ARCH, type KernelArch } from "../../src/machine/architectures.ts";

/**
 * Returns the path of a kernel; if there is none, a path that does not exist, so that `needs()`
 * reports it.
 */
export async function kernelOf(arch: KernelArch): Promise<string> {
  return (await findKernel(arch))?.image ?? `/no/kernel/of/${arch}/in/the/cache`;
}

/** The path of the kernel for this machine. */
export const KERNEL: string = await kernelOf(HOST_ARCH);
