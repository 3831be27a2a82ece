// Extracts the distribution's kernel for virtual machines from its packages.

import { runTool } from "../host/run_tool.ts";
import { makeTempFolder } from "../host/temp_folder.ts";
import { ARCHITECTURES, type KernelArch } from "../machine/architectures.ts";
import { messageOf } from "../model/errors.ts";
import { type AptPackage, downloadPackage, findPackage, hasApt } from "./apt.ts";
import type { Kernel } from "./find.ts";
import { checkSuite } from "./apt_suite.ts";
import { aptFor, type AptScope } from "./foreign_apt.ts";
import { readKernelImage } from "./image.ts";
import { copyModulesFor } from "./parts.ts";
import { type CommitOptions, stageKernel } from "./store.ts";
import { unpackKernelImage } from "./unpack.ts";
import { findUnpacked, type UnpackedKernel } from "./unpacked.ts";

/** Names of packages with parts of a kernel, as opposed to metapackages for the newest kernel. */
const KERNEL_PACKAGE = /^linux-(image|modules|binary|base)-\d/;

/** Advice for machines without apt. */
const ELSEWHERE =
  "execvm kernel fetch --from FILE (a vmlinuz that has virtio), or execvm kernel build";

/** Called with a description of each step. */
export type Progress = (step: string) => void;

/** Which kernel to fetch, and how to try it. */
export type PackagedKernelRequest = AptScope & Pick<CommitOptions, "trial">;

/**
 * Fetches the newest kernel for virtual machines of this Debian or Ubuntu into the cache.
 *
 * @throws {TypeError} if the suite is not a name.
 * @throws {Error} if there is no apt or no such package, or a package is not as expected.
 */
export async function fetchPackagedKernel(
  { arch, suite, trial, signal }: PackagedKernelRequest,
  onProgress: Progress,
): Promise<Kernel> {
  checkSuite(suite);
  if (!await hasApt()) {
    throw new Error(`cannot fetch a kernel: there is no apt-get here: use ${ELSEWHERE}`);
  }
  const { path: folder, cleanup } = makeTempFolder({ prefix: "execvm-kernel-" });
  using _cleanup = cleanup;
  try {
    const scope = [suite, arch].filter(Boolean).join(" for ");
    const apt = await aptFor({ arch, suite, signal }, folder, onProgress).catch((error) => {
      throw new Error(`cannot fetch a kernel of ${scope}: ${messageOf(error)}`, { cause: error });
    });
    const packages = await kernelPackages(arch, apt);
    const names = packages.map(({ name }) => name).join(", ");
    const cannot = (error: unknown) => {
      throw new Error(`cannot fetch ${names}: ${messageOf(error)}`, { cause: error });
    };
    const found = await unpackPackages(packages, { folder, apt, signal, onProgress }).catch(cannot);
    signal?.throwIfAborted();
    using staged = await stageKernel();
    const modules = await copyUnpacked(found, staged, onProgress).catch(cannot);
    return await staged.commit("fetched", { modules, source: sourceOf(packages, suite), trial });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * The packages of the newest kernel: one in Debian up to 13, image and modules in Ubuntu, four in
 * Debian 14.
 */
async function kernelPackages(arch: KernelArch, apt: readonly string[]): Promise<AptPackage[]> {
  // The metapackages of the newest kernel for virtual machines, of Debian and of Ubuntu.
  const newest = [`linux-image-cloud-${ARCHITECTURES[arch].debian}`, "linux-image-virtual"];
  for (const name of newest) {
    const found = await findPackage(name, apt);
    if (found === undefined) continue;
    const packages = await follow(found, apt);
    if (packages.some((each) => each.name.startsWith("linux-image-"))) return packages;
  }
  throw new Error(
    `cannot fetch a kernel: apt finds no ${newest.join(" or ")}: run apt-get update as root first`,
  );
}

async function follow(from: AptPackage, apt: readonly string[]): Promise<AptPackage[]> {
  const found = new Map<string, AptPackage>();
  const visit = async ({ depends }: AptPackage): Promise<void> => {
    for (const name of depends) {
      if (found.has(name) || !KERNEL_PACKAGE.test(name)) continue;
      const next = await findPackage(name, apt);
      if (next === undefined) continue; // one of several alternatives
      found.set(name, next);
      await visit(next);
    }
  };
  await visit(from);
  return [...found.values()];
}

/** The folder for packages, and the options of apt. */
interface Place {
  readonly folder: string;
  readonly apt: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly onProgress: Progress;
}

async function unpackPackages(
  packages: readonly AptPackage[],
  { folder, apt, signal, onProgress }: Place,
): Promise<UnpackedKernel> {
  const root = `${folder}/root`;
  await Deno.mkdir(root);
  for (const each of packages) {
    onProgress(`downloading ${each.name} ${each.version} (${mebibytes(each.bytes)})`);
    const archive = await downloadPackage(each, folder, apt, signal);
    onProgress("unpacking it");
    await runTool(["dpkg-deb", "--extract", archive, root], { signal });
  }
  return findUnpacked(root);
}

/** Copies image and modules into the staged kernel; returns the names of the modules. */
async function copyUnpacked(
  found: UnpackedKernel,
  { image, modulesDir }: { readonly image: string; readonly modulesDir: string },
  onProgress: Progress,
): Promise<readonly string[]> {
  if (found.modulesDir === undefined) throw new Error("there is no folder of modules");
  await unpackKernelImage(found.image, image);
  const { version } = readKernelImage(await Deno.readFile(image));
  const config = found.config && await Deno.readTextFile(found.config);
  const source = { folder: found.modulesDir, config };
  return await copyModulesFor(version, source, { modulesDir, onProgress });
}

/** The package with the image and its version, and the suite if one was asked for. */
function sourceOf(packages: readonly AptPackage[], suite: string | undefined): string {
  const { name, version } = packages.find((each) => each.name.startsWith("linux-image-"))!;
  return `${name} ${version}${suite === undefined ? "" : ` (${suite})`}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
