// Deno for another architecture, from npm: the registry has its program for each of them.

import { untar } from "../src/blocks/sinks.ts";
import { file } from "../src/blocks/sources.ts";
import { gunzip } from "../src/blocks/transforms.ts";
import { cacheDir } from "../src/host/cache_dir.ts";
import { scratchFolder } from "../src/host/scratch_folder.ts";
import { writeAside } from "../src/host/write_aside.ts";
import { copyHashed } from "../src/kernels/fetch.ts";
import { ARCHITECTURES, type KernelArch } from "../src/machine/architectures.ts";
import { messageOf } from "../src/model/errors.ts";
import { fetchPage, openUrl } from "./from_server.ts";
import { runPipeline } from "./run_pipeline.ts";

const REGISTRY = "https://registry.npmjs.org/";

/** No Deno is as large. */
const MAX_BYTES = 1 << 29;
const LIMIT_MS = 900_000;

/**
 * The path of a Deno of this version for `arch`, in the cache; fetched if it is not there. It has the
 * SHA-512 that the registry gives, or nothing is kept.
 *
 * @throws {Error} if the registry cannot be reached, or has not this version.
 */
export async function ensureDeno(
  arch: KernelArch,
  onProgress: (step: string) => void,
): Promise<string> {
  const path = `${cacheDir()}/guests/${arch}/deno-${Deno.version.deno}`;
  if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  const name = `@deno/linux-${ARCHITECTURES[arch].npm}-glibc`;
  try {
    onProgress(`downloading ${name} ${Deno.version.deno}`);
    await using folder = await scratchFolder();
    await download(name, `${folder.path}/package.tgz`);
    const unpacked = `${folder.path}/root`;
    await runPipeline(file(`${folder.path}/package.tgz`).pipe(gunzip()).to(untar(unpacked)));
    await writeAside(path, (aside) => Deno.copyFile(`${unpacked}/package/deno`, aside));
    return path;
  } catch (error) {
    throw new Error(`Cannot get ${name} ${Deno.version.deno} as ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function download(name: string, path: string): Promise<void> {
  const registry = Deno.env.get("NPM_CONFIG_REGISTRY") || REGISTRY;
  const base = registry.endsWith("/") ? registry : `${registry}/`;
  const page = await fetchPage(new URL(`${name}/${Deno.version.deno}`, base));
  const { tarball, sha512 } = parseDist(page);
  const body = await openUrl(new URL(tarball), LIMIT_MS);
  const found = await copyHashed(body, path, { maxBytes: MAX_BYTES, algorithm: "sha512" });
  if (found !== sha512) throw new Error(`its sha512 is ${found} in place of ${sha512}`);
}

/** Where the archive of a version is and the SHA-512 that it has, in hex. @throws {Error} if it does not say. */
export function parseDist(page: string): { readonly tarball: string; readonly sha512: string } {
  const { tarball, integrity } = Object(Object(JSON.parse(page)).dist);
  const base64 = /(?:^|\s)sha512-([A-Za-z0-9+/=]{88})(?:\s|\?|$)/.exec(String(integrity))?.[1];
  if (typeof tarball !== "string" || base64 === undefined) {
    throw new Error("the registry gives no archive with a sha512");
  }
  return { tarball, sha512: Uint8Array.fromBase64(base64).toHex() };
}
