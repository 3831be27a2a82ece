// The kernels that tests boot: put into the cache by tests/setup.ts.

import "./test_cache.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { HOST_ARCH, type KernelArch } from "../../src/machine/architectures.ts";

/** The path of one; if there is none, one where nothing is, so that `needs()` sees it missing. */
export async function kernelOf(arch: KernelArch): Promise<string> {
  return (await findKernel(arch))?.image ?? `/no/kernel/of/${arch}/in/the/cache`;
}

/** The path of the one for this machine. */
export const KERNEL: string = await kernelOf(HOST_ARCH);
