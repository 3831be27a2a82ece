// A kernel that is not in the cache, such as one of a tree that has just been built: its image is
// used where it is, and its modules are copied to a temporary folder as a guest needs them.

import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { faultOf } from "../host/fault.ts";
import { readGivenFile } from "../host/given_file.ts";
import { makeTempFolder } from "../host/temp_folder.ts";
import type { Kernel } from "./find.ts";
import { readKernelImage } from "./image.ts";
import { copyModulesFor } from "./parts.ts";
import { findModulesBeside, findModulesDir } from "./unpacked.ts";

/** The files of a kernel. */
export interface KernelFiles {
  /** Path of the image. */
  readonly image: string;
  /**
   * Path of the folder given to `make modules_install` as INSTALL_MOD_PATH, or of the folder of one
   * release.
   *
   * @default where a distribution has those of an image in `boot`; elsewhere none
   */
  readonly modules?: string | undefined;
}

/**
 * Opens a kernel that is not in the cache. Disposing it removes the copies of its modules.
 *
 * @throws {Deno.errors.NotFound} if there is no image.
 * @throws {Error} if the image is not a kernel, or the modules are missing, damaged or for another
 * one; the message is only the fact.
 */
export async function openKernelFile(
  { image, modules }: KernelFiles,
): Promise<Kernel & AsyncDisposable> {
  const bytes = await readImage(image);
  const { arch, version } = readKernelImage(bytes);
  await using opened = new AsyncDisposableStack();
  const copies = await copyModulesOf({ image, modules }, version, opened);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const id = createHash("sha256").update(sha256);
  for (const path of copies) id.update(basename(path)).update(await Deno.readFile(path));
  const owned = opened.move();
  return {
    id: `${version}-${arch}-${id.digest("hex")}`,
    image: resolve(image), // QEMU has another current folder
    version,
    arch,
    origin: "given",
    modules: copies,
    sha256,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function readImage(path: string): Promise<Uint8Array> {
  const { isDirectory } = await Deno.stat(path);
  if (!isDirectory) return await readGivenFile(path);
  throw new Error(
    "it is a folder: name the image in it, such as arch/x86/boot/bzImage, " +
      "or store its kernel by execvm kernel fetch --from",
  );
}

/** Copies the modules; returns their paths, in the order to load them. */
async function copyModulesOf(
  { image, modules }: KernelFiles,
  version: string,
  opened: AsyncDisposableStack,
): Promise<readonly string[]> {
  try {
    const folder = modules === undefined
      ? findModulesBeside(resolve(image), version)
      : await findModules(modules, version);
    if (folder === undefined) return [];
    const { path: modulesDir, cleanup } = makeTempFolder({ prefix: "execvm-modules-" });
    opened.use(cleanup);
    opened.defer(() => Deno.remove(modulesDir, { recursive: true }));
    const source = { folder, config: undefined };
    const names = await copyModulesFor(version, source, { modulesDir, onProgress: () => {} });
    return names.map((name) => `${modulesDir}/${name}`);
  } catch (error) {
    if (modules === undefined) throw error;
    const named = JSON.stringify(modules);
    throw new Error(`cannot use the modules in ${named}: ${faultOf(error)}`, { cause: error });
  }
}

async function findModules(path: string, version: string): Promise<string> {
  const { isDirectory } = await Deno.stat(path);
  if (isDirectory) return findModulesDir(path, version);
  throw new Error("it is not a folder: store the kernel by execvm kernel fetch --modules");
}
