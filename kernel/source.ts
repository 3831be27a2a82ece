// Fetches the pinned source that kernels are built from, from Debian's archive, and checks it.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { runTool } from "../src/host/run_tool.ts";
import { downloadPackage, findPackage, hasApt } from "../src/kernels/apt.ts";

/** A pinned source. */
export interface KernelSource {
  /** Debian's package, whose source has Debian's patches. */
  readonly package: string;
  /** The version of the package. */
  readonly version: string;
  /** SHA-256 of the .tar.xz in the package, in hex. */
  readonly sha256: string;
  /** Path of the .tar.xz in the package. */
  readonly path: string;
  /** The release date, used in the kernel's banner so that builds are reproducible. */
  readonly date: string;
  /** URL of the same version without Debian's patches, for hosts without apt. */
  readonly upstream: string;
}

/**
 * The source that is known to build and boot with the configuration fragments next to this file.
 */
export const KERNEL_SOURCE: KernelSource = {
  package: "linux-source-6.1",
  version: "6.1.192-2",
  sha256: "4d415b3d364834fd818270e88813e90323bbfce4f519a0e6bd4940ddcd7df693",
  path: "usr/src/linux-source-6.1.tar.xz",
  date: "Mon Nov 16 10:17:00 UTC 2026",
  upstream: "https://cdn.kernel.org/pub/linux/kernel/v6.x/linux-6.1.192.tar.xz",
};

/**
 * Fetches the pinned source into `folder`, which must be empty and stays the caller's; returns the
 * path of the tar.
 *
 * @throws {Error} if there is no apt, it no longer has that version, or the checksum is wrong.
 */
export async function fetchKernelSource(
  folder: string,
  source: KernelSource = KERNEL_SOURCE,
): Promise<string> {
  const name = `${source.package}=${source.version}`;
  const wanted = await findPackage(name);
  if (wanted === undefined) throw new Error(await explainMissing(source));
  const archive = await downloadPackage(wanted, folder);
  await runTool(["dpkg-deb", "--extract", archive, folder]);
  await Deno.remove(archive);
  const path = `${folder}/${source.path}`;
  const sha256 = await sha256Of(path);
  if (sha256 === source.sha256) return path;
  throw new Error(`cannot use ${name}: its sha256 is ${sha256} in place of ${source.sha256}`);
}

async function explainMissing({ package: name, version, path, upstream }: KernelSource) {
  const start = `cannot fetch ${name} ${version}, from which kernels are built`;
  if (!await hasApt()) {
    return `${start}: there is no apt-get here: download ${upstream} and give it as --source FILE`;
  }
  const newest = await findPackage(name);
  if (newest === undefined) {
    return `${start}: apt knows no such package: run apt-get update as root first, or download ` +
      `${upstream} and give it as --source FILE`;
  }
  return `${start}: the archive has ${newest.version}: to build from that, apt-get download ` +
    `${name}, unpack it with dpkg-deb -x, and give its ${path} as --source FILE`;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}
