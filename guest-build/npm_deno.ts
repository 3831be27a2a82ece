// Fetches Deno from npm: for another architecture, or where there is none on this host.

import { cacheDir } from "../src/host/cache_dir.ts";
import { scratchFolder } from "../src/host/scratch_folder.ts";
import { writeAside } from "../src/host/write_aside.ts";
import { ARCHITECTURES, type KernelArch } from "../src/machine/architectures.ts";
import { messageOf } from "../src/model/errors.ts";
import { unpackPackage } from "./npm_package.ts";

/** Returns where the cache keeps this version of Deno for an architecture. */
export function denoPath(arch: KernelArch): string {
  return `${cacheDir()}/guests/${arch}/deno-${Deno.version.deno}`;
}

/**
 * Returns the path of this version of Deno for `arch`, in the cache; it is fetched if it is
 * missing. It is kept only if it has the SHA-512 that the registry lists.
 *
 * @throws {Error} if the registry cannot be reached, or does not have this version.
 */
export async function ensureDeno(
  arch: KernelArch,
  onProgress: (step: string) => void,
): Promise<string> {
  const path = denoPath(arch);
  if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  const name = `@deno/linux-${ARCHITECTURES[arch].npm}-glibc`;
  try {
    onProgress(`downloading ${name} ${Deno.version.deno}`);
    await using folder = await scratchFolder();
    const unpacked = `${folder.path}/root`;
    await unpackPackage(name, Deno.version.deno, unpacked);
    await writeAside(path, (aside) => Deno.copyFile(`${unpacked}/package/deno`, aside));
    return path;
  } catch (error) {
    throw new Error(`cannot get ${name} ${Deno.version.deno}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
