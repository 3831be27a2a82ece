// Fetching a kernel into the cache: the distribution's, a file, or a URL.

import { whereFull } from "../host/fault.ts";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { checkArch, HOST_ARCH, type KernelArch } from "../machine/architectures.ts";
import { messageOf } from "../model/errors.ts";
import type { Kernel } from "./find.ts";
import { fetchPackagedKernel, type Progress } from "./package.ts";
import { stageKernel } from "./store.ts";

/** No image is as large; what gives more is something else, or never ends. */
const MAX_BYTES = 1 << 29;

/** What {@linkcode fetchKernel} is told. */
export interface FetchKernelOptions {
  /**
   * Path or URL (http, https, file) of an image that has all that a guest needs built in.
   *
   * @default the kernel for virtual machines of this Debian or Ubuntu, with its modules
   */
  readonly from?: string | URL;
  /** What the image at `from` must have, in hex. Required for one that comes over the network. */
  readonly sha256?: string;
  /** What the distribution's is to run on; of the image at `from` it is known. @default this machine's */
  readonly arch?: KernelArch;
  /** Hears of each step, in words. */
  readonly onProgress?: Progress;
}

/**
 * Puts a kernel into the cache, whole or not at all. Needs neither root nor anything installed.
 *
 * @throws {TypeError} if `sha256` is no such, or missing for a URL; if `arch` is none.
 * @throws {Error} if there is no kernel to be had, it cannot be read, or it is not what it should be.
 */
export async function fetchKernel(options: FetchKernelOptions = {}): Promise<Kernel> {
  const { from, sha256, arch, onProgress = () => {} } = options;
  checkArch(arch);
  if (from === undefined) {
    if (sha256 === undefined) return await fetchPackagedKernel(arch ?? HOST_ARCH, onProgress);
    throw new TypeError("Cannot compare a sha256 as apt checks its packages itself: give from too");
  }
  if (arch !== undefined) {
    throw new TypeError(`Cannot choose ${arch} as the image that is given says what it is for`);
  }
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new TypeError(`Cannot compare with ${JSON.stringify(sha256)} as it is no sha256 in hex`);
  }
  const place = toPlace(from);
  if (place instanceof URL && sha256 === undefined) {
    throw new TypeError(`Cannot fetch ${place} as a URL needs the sha256 of what is there`);
  }
  return await fetchFrom(place, sha256?.toLowerCase(), onProgress);
}

async function fetchFrom(place: string | URL, sha256: string | undefined, onProgress: Progress) {
  const name = place instanceof URL ? place.href : JSON.stringify(place);
  using staged = await stageKernel();
  onProgress(`reading ${name}`);
  try {
    const found = await copyHashed(await open(place), staged.image);
    if (sha256 !== undefined && found !== sha256) {
      throw new Error(`its sha256 is ${found} in place of ${sha256}`);
    }
  } catch (error) {
    throw new Error(`Cannot fetch ${name} as ${messageOf(error)}`, { cause: error });
  }
  return await staged.commit("given");
}

/** A path, or a URL of the network. */
function toPlace(from: string | URL): string | URL {
  if (typeof from === "string" && !/^[a-z][a-z0-9+.-]*:\/\//i.test(from)) return from;
  const url = new URL(from);
  if (url.protocol === "file:") return fileURLToPath(url);
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  throw new TypeError(`Cannot fetch ${url} as it is none of http, https, file or a path`);
}

async function open(place: string | URL): Promise<ReadableStream<Uint8Array>> {
  if (typeof place === "string") return (await Deno.open(place)).readable;
  const response = await fetch(place);
  if (response.ok && response.body !== null) return response.body;
  await response.body?.cancel();
  throw new Error(`the server answered ${response.status} ${response.statusText}`.trimEnd());
}

/** Writes all of `source` to a new file; its hash in hex. @throws {Error} if it is too large. */
export async function copyHashed(
  source: ReadableStream<Uint8Array>,
  path: string,
  { maxBytes = MAX_BYTES, algorithm = "sha256" as "sha256" | "sha512" } = {},
): Promise<string> {
  const hash = createHash(algorithm);
  let bytes = 0;
  const hashing = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
      hash.update(chunk);
      controller.enqueue(chunk);
    },
  });
  const file = await Deno.open(path, { write: true, createNew: true });
  await source.pipeThrough(hashing).pipeTo(file.writable).catch((error) => {
    throw whereFull(error, JSON.stringify(path));
  });
  return hash.digest("hex");
}
