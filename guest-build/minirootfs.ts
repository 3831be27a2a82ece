// Fetches Alpine's minirootfs from a mirror: the newest one that its index page lists, checked and
// cached.

import { cacheDir } from "../src/host/cache_dir.ts";
import { hashFile } from "../src/host/hash_file.ts";
import { writeAside } from "../src/host/write_aside.ts";
import { copyHashed } from "../src/kernels/fetch.ts";
import type { Progress } from "../src/kernels/package.ts";
import { messageOf } from "../src/model/errors.ts";
import { fetchPage, openUrl } from "./from_server.ts";

/** Alpine's own mirror of the newest release for this architecture. */
export const ALPINE_MIRROR: string =
  `https://dl-cdn.alpinelinux.org/alpine/latest-stable/releases/${Deno.build.arch}/`;

/** The name of a release for this architecture; release candidates (`_rc1`) do not match. */
const NAME = new RegExp(`^alpine-minirootfs-(\\d+(?:\\.\\d+)+)-${Deno.build.arch}\\.tar\\.gz$`);

/** Far more than any minirootfs has; it bounds a download that would never end. */
const MAX_ROOT_BYTES = 1 << 28;
const ROOT_LIMIT_MS = 600_000;

/** Options of {@linkcode fetchMinirootfs}. */
export interface MinirootfsOptions {
  /** URL of an index page with links to the archives; their checksums must be next to them. */
  readonly mirror?: string;
  /** Called with a description of each step. */
  readonly onProgress?: Progress;
}

/**
 * Returns the path of the newest minirootfs of a mirror, in the cache; it is fetched if it is
 * missing. It is kept only if it has the sha256 that the mirror lists.
 *
 * @throws {TypeError} if the mirror is not an http or https URL.
 * @throws {Error} if the mirror cannot be reached, or has no minirootfs, or its checksum is missing
 * or wrong.
 */
export async function fetchMinirootfs(options: MinirootfsOptions = {}): Promise<string> {
  const { mirror = ALPINE_MIRROR, onProgress = () => {} } = options;
  const index = toIndex(mirror);
  try {
    const name = newestIn(await linksOf(await fetchPage(index)));
    if (name === undefined) throw new Error(`it lists no minirootfs for ${Deno.build.arch}`);
    const archive = new URL(name, index);
    const sha256 = parseChecksum(await fetchPage(new URL(`${name}.sha256`, index)), name);
    const path = `${cacheDir()}/roots/${name}`;
    if (await hashFile(path).catch(() => undefined) === sha256) return path;
    onProgress(`downloading ${archive}`);
    await writeAside(path, (aside) => download(archive, sha256, aside));
    return path;
  } catch (error) {
    throw new Error(`cannot get a minirootfs from ${index}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The name of the newest release among these; undefined if there is none. */
export function newestIn(names: readonly string[]): string | undefined {
  const versionOf = (name: string) => NAME.exec(name)![1]!.split(".").map(Number);
  return names.filter((name) => NAME.test(name))
    .sort((a, b) => compareVersions(versionOf(a), versionOf(b))).at(-1);
}

/** The file names in the links of an index page. */
export async function linksOf(page: string): Promise<string[]> {
  const { DOMParser } = await import("npm:linkedom@0.18.14");
  const links = new DOMParser().parseFromString(page, "text/html").querySelectorAll("a");
  return [...links].flatMap((link) => [...link.attributes])
    .filter(({ name }) => name.toLowerCase() === "href") // linkedom keeps upper case
    .map(({ value }) => value.replace(/[?#].*$/s, ""))
    .map((href) => href.slice(href.lastIndexOf("/") + 1));
}

/** Finds the sha256 of `name` in the output of sha256sum(1). @throws {Error} if there is none. */
export function parseChecksum(text: string, name: string): string {
  for (const line of text.split("\n")) {
    const [, sha256, file] = /^([0-9a-f]{64})(?:\s+\*?(\S+))?\s*$/i.exec(line) ?? [];
    if (sha256 !== undefined && (file === undefined || file === name)) return sha256.toLowerCase();
  }
  throw new Error(`${name}.sha256 has no checksum of it`);
}

function compareVersions(left: readonly number[], right: readonly number[]): number {
  const index = left.findIndex((number, place) => number !== (right[place] ?? 0));
  return index < 0 ? left.length - right.length : left[index]! - (right[index] ?? 0);
}

function toIndex(mirror: string): URL {
  const url = URL.parse(mirror);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new TypeError(
      `cannot use the mirror ${JSON.stringify(mirror)}: it is not an http or https URL`,
    );
  }
  if (!/\/[^/]*\.html?$/.test(url.pathname) && !url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

async function download(url: URL, sha256: string, path: string): Promise<void> {
  const found = await copyHashed(await openUrl(url, ROOT_LIMIT_MS), path, {
    maxBytes: MAX_ROOT_BYTES,
  });
  if (found !== sha256) throw new Error(`its sha256 is ${found} in place of ${sha256}`);
}
