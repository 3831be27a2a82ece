// Downloads and unpacks packages of npm's registry.

import { untar } from "../src/blocks/sinks.ts";
import { file } from "../src/blocks/sources.ts";
import { gunzip } from "../src/blocks/transforms.ts";
import { scratchFolder } from "../src/host/scratch_folder.ts";
import { copyHashed } from "../src/kernels/fetch.ts";
import { fetchPage, openUrl } from "./from_server.ts";
import { runPipeline } from "./run_pipeline.ts";

const REGISTRY = "https://registry.npmjs.org/";

/** Far more than any package has. */
const MAX_BYTES = 1 << 29;
const LIMIT_MS = 900_000;

/**
 * Unpacks a version of a package into the new folder `folder`. It is unpacked only if it has the
 * SHA-512 that the registry lists.
 *
 * @throws {Error} if the registry cannot be reached, or does not have this version.
 */
export async function unpackPackage(name: string, version: string, folder: string): Promise<void> {
  const registry = Deno.env.get("NPM_CONFIG_REGISTRY") || REGISTRY;
  const base = registry.endsWith("/") ? registry : `${registry}/`;
  const { tarball, sha512 } = parseDist(await fetchPage(new URL(`${name}/${version}`, base)));
  await using scratch = await scratchFolder();
  const archive = `${scratch.path}/package.tgz`;
  const body = await openUrl(new URL(tarball), LIMIT_MS);
  const found = await copyHashed(body, archive, { maxBytes: MAX_BYTES, algorithm: "sha512" });
  if (found !== sha512) throw new Error(`its sha512 is ${found} in place of ${sha512}`);
  await runPipeline(file(archive).pipe(gunzip()).to(untar(folder)));
}

/**
 * Parses the archive's URL and its SHA-512, in hex, from the registry's answer.
 *
 * @throws {Error} if one is missing.
 */
export function parseDist(page: string): { readonly tarball: string; readonly sha512: string } {
  const { tarball, integrity } = Object(Object(JSON.parse(page)).dist);
  const base64 = /(?:^|\s)sha512-([A-Za-z0-9+/=]{88})(?:\s|\?|$)/.exec(String(integrity))?.[1];
  if (typeof tarball !== "string" || base64 === undefined) {
    throw new Error("the registry lists no archive with a sha512");
  }
  return { tarball, sha512: Uint8Array.fromBase64(base64).toHex() };
}
