// Extracts the distribution's kernel for virtual machines from its packages.

import { runTool } from "../host/run_tool.ts";
import { makeTempFolder } from "../host/temp_folder.ts";
import { ARCHITECTURES, type KernelArch } from "../machine/architectures.ts";
import { messageOf } from "../model/errors.ts";
import { type AptPackage, downloadPackage, findPackage, hasApt } from "./apt.ts";
import type { Kernel } from "./find.ts";
import { aptFor } from "./foreign_apt.ts";
import { copyModules } from "./modules.ts";
import { stageKernel } from "./store.ts";
import { unpackKernelImage } from "./unpack.ts";
import { findUnpacked } from "./unpacked.ts";

/** Names of packages with parts of a kernel, as opposed to metapackages for the newest kernel. */
const KERNEL_PACKAGE = /^linux-(image|modules|binary|base)-\d/;

/** Advice for machines without apt. */
const ELSEWHERE =
  "execvm kernel fetch --from FILE (a vmlinuz that has virtio), or execvm kernel build";

/** Called with a description of each step. */
export type Progress = (step: string) => void;

/**
 * Fetches the newest kernel for virtual machines of this Debian or Ubuntu into the cache.
 *
 * @throws {Error} if there is no apt or no such package, or a package is not as expected.
 */
export async function fetchPackagedKernel(
  arch: KernelArch,
  onProgress: Progress,
): Promise<Kernel> {
  if (!await hasApt()) {
    throw new Error(`cannot fetch a kernel: there is no apt-get here: use ${ELSEWHERE}`);
  }
  const { path: folder, cleanup } = makeTempFolder({ prefix: "execvm-kernel-" });
  using _cleanup = cleanup;
  try {
    const apt = await aptFor(arch, folder, onProgress).catch((error) => {
      throw new Error(`cannot fetch a kernel of ${arch}: ${messageOf(error)}`, { cause: error });
    });
    const packages = await kernelPackages(arch, apt);
    const names = packages.map(({ name }) => name).join(", ");
    return await fromPackages(packages, { folder, apt, onProgress }).catch((error) => {
      throw new Error(`cannot fetch ${names}: ${messageOf(error)}`, { cause: error });
    });
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
  readonly onProgress: Progress;
}

async function fromPackages(packages: AptPackage[], place: Place): Promise<Kernel> {
  const { folder, apt, onProgress } = place;
  const root = `${folder}/root`;
  await Deno.mkdir(root);
  for (const each of packages) {
    onProgress(`downloading ${each.name} ${each.version} (${mebibytes(each.bytes)})`);
    const archive = await downloadPackage(each, folder, apt);
    onProgress("unpacking it");
    await runTool(["dpkg-deb", "--extract", archive, root]);
  }
  return await storeUnpacked(root, onProgress);
}

async function storeUnpacked(root: string, onProgress: Progress): Promise<Kernel> {
  const { image, modulesDir, config } = findUnpacked(root);
  using staged = await stageKernel();
  await unpackKernelImage(image, staged.image);
  const { modules, missing } = await copyModules(
    { folder: modulesDir, config: config && await Deno.readTextFile(config) },
    staged.modulesDir,
  );
  if (missing.length > 0) onProgress(`this kernel has no ${missing.join(", ")}`);
  return await staged.commit("fetched", modules);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
