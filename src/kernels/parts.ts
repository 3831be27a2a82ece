// Finds the parts of a kernel that the user names: a package, a folder or an image.

import { faultOf } from "../host/fault.ts";
import { openGivenFile } from "../host/given_file.ts";
import { runTool } from "../host/run_tool.ts";
import { readKernelImage } from "./image.ts";
import { copyModules } from "./modules.ts";
import { findModulesDir, findUnpacked, type UnpackedKernel } from "./unpacked.ts";
import { unpackKernelImage } from "./unpack.ts";

/** What the user gives. */
export interface GivenKernel {
  /** Path of a package (.deb), a folder with an unpacked kernel or a built tree, or an image. */
  readonly from: string;
  /** Path of a folder with modules, or of a package with them. @default those at `from` */
  readonly modules?: string | undefined;
}

/** Where to put the parts. */
export interface PartsTarget {
  /** A new file for the image. */
  readonly image: string;
  /** An empty folder for the modules. */
  readonly modulesDir: string;
  /** An existing folder for what is unpacked meanwhile. */
  readonly scratch: string;
  /** Called with a description of each step. */
  readonly onProgress: (step: string) => void;
}

/** `!<arch>`, the start of an ar archive, such as a .deb (deb(5)). */
const AR_MAGIC = "!<arch>\n";

/**
 * Copies image and modules of a given kernel, both as a guest needs them.
 *
 * @returns the names of the modules, in the order to load them
 * @throws {Error} if a part is missing or damaged, or the modules are for another kernel; the
 * message is only the fact.
 */
export async function copyGivenKernel(
  { from, modules }: GivenKernel,
  { image, modulesDir, scratch, onProgress }: PartsTarget,
): Promise<readonly string[]> {
  const found = await locate(from, `${scratch}/kernel`, onProgress);
  await unpackKernelImage(found.image, image);
  const { version } = readKernelImage(await Deno.readFile(image));
  const source = modules === undefined
    ? found
    : { ...found, ...await locateModules(modules, version, scratch, onProgress) };
  if (source.modulesDir === undefined) return [];
  const config = source.config && await Deno.readTextFile(source.config);
  return await copyModulesFor(version, { folder: source.modulesDir, config }, {
    modulesDir,
    onProgress,
  });
}

/** Copies the modules that a guest needs for the kernel `version`, and reports which it lacks. */
export async function copyModulesFor(
  version: string,
  { folder, config }: { readonly folder: string; readonly config: string | undefined },
  { modulesDir, onProgress }: Pick<PartsTarget, "modulesDir" | "onProgress">,
): Promise<readonly string[]> {
  const release = version === "unknown" ? {} : { release: version };
  const { modules, missing } = await copyModules({ folder, config, ...release }, modulesDir);
  // Without its configuration, what the kernel has built in is not known.
  if (missing.length > 0 && config !== undefined) {
    onProgress(`this kernel has no ${missing.join(", ")}`);
  }
  return modules;
}

async function locate(
  from: string,
  scratch: string,
  onProgress: PartsTarget["onProgress"],
): Promise<UnpackedKernel> {
  if ((await Deno.stat(from)).isDirectory) return findUnpacked(from);
  if (!await isPackage(from)) {
    return { image: from, modulesDir: undefined, config: undefined };
  }
  return findUnpacked(await extract(from, scratch, onProgress));
}

async function locateModules(
  path: string,
  version: string,
  scratch: string,
  onProgress: PartsTarget["onProgress"],
): Promise<Partial<UnpackedKernel>> {
  try {
    const isFolder = (await Deno.stat(path)).isDirectory;
    if (!isFolder && !await isPackage(path)) {
      throw new Error("it is neither a folder nor a package (.deb)");
    }
    const root = isFolder ? path : await extract(path, `${scratch}/modules`, onProgress);
    const modulesDir = findModulesDir(root, version);
    const config = `${modulesDir}/config`;
    const hasConfig = await Deno.stat(config).then(({ isFile }) => isFile, () => false);
    return { modulesDir, ...(hasConfig && { config }) };
  } catch (error) {
    throw new Error(`cannot use the modules in ${JSON.stringify(path)}: ${faultOf(error)}`, {
      cause: error,
    });
  }
}

async function isPackage(path: string): Promise<boolean> {
  using file = await openGivenFile(path);
  const start = new Uint8Array(AR_MAGIC.length);
  await file.read(start);
  return new TextDecoder().decode(start) === AR_MAGIC;
}

async function extract(
  path: string,
  target: string,
  onProgress: PartsTarget["onProgress"],
): Promise<string> {
  await Deno.mkdir(target);
  onProgress(`unpacking ${path}`);
  await runTool(["dpkg-deb", "--extract", path, target]);
  return target;
}
