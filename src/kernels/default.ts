// The default kernel of each architecture: a file `.default-ARCH` in the folder of the kernels, with
// the name of one of them. Without the file, or if that kernel is gone, find.ts ranks them.

import { cacheDir } from "../host/cache_dir.ts";
import { replaceFile } from "../host/write_aside.ts";
import type { KernelArch } from "../machine/architectures.ts";

/** Returns the folder of the kernels in the cache. */
export function kernelsDir(): string {
  return `${cacheDir()}/kernels`;
}

/** Returns the name of the kernel that was made the default, which may have been removed since. */
export function defaultKernelId(arch: KernelArch): string | undefined {
  try {
    return Deno.readTextFileSync(pathOf(arch)).trim();
  } catch {
    return undefined; // none was chosen
  }
}

/**
 * Makes a kernel of the cache the default of its architecture.
 *
 * @throws {Deno.errors} if the cache cannot be written.
 */
export function makeDefaultKernel(
  { id, arch }: { readonly id: string; readonly arch: KernelArch },
): void {
  replaceFile(pathOf(arch), `${id}\n`);
}

function pathOf(arch: KernelArch): string {
  return `${kernelsDir()}/.default-${arch}`;
}
