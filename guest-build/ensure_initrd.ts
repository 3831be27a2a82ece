// The initrd for a kernel, out of the cache or built now.

import { cacheDir } from "../src/vm/cache.ts";
import type { Kernel } from "../src/vm/kernel.ts";
import { buildInitrd } from "./build_initrd.ts";
import { bundleGuest, INIT_SCRIPT } from "./guest_program.ts";

/**
 * The path of an initrd for this kernel, this Deno and these sources. It is built when the cache has
 * none; when two do so at once, the last one stays.
 *
 * @throws {Error} if something of it is missing.
 */
export async function ensureInitrd(kernel: Kernel, busybox = "/bin/busybox"): Promise<string> {
  const key = await keyOf(kernel, busybox);
  const path = `${cacheDir()}/initrds/${key}.cpio`;
  if (await isThere(path)) return path;
  await Deno.mkdir(`${cacheDir()}/initrds`, { recursive: true });
  await buildInitrd({ kernel, busybox, output: path });
  return path;
}

/** The hash of all that goes in. Deno itself is told by its version and size. */
async function keyOf(kernel: Kernel, busybox: string): Promise<string> {
  const deno = await Deno.stat(Deno.execPath());
  const inputs = [
    Deno.version.deno,
    String(deno.size),
    await bundleGuest(),
    INIT_SCRIPT,
    kernel.sha256,
    ...kernel.modules,
    String((await Deno.stat(busybox)).size),
  ];
  const bytes = new TextEncoder().encode(JSON.stringify(inputs));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 32);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
