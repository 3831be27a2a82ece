// Fetches a kernel into the cache: from the distribution, a file, or a URL.

import { whereFull } from "../host/fault.ts";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { checkArch, HOST_ARCH, type KernelArch } from "../machine/architectures.ts";
import { messageOf } from "../model/errors.ts";
import type { Kernel } from "./find.ts";
import { fetchPackagedKernel, type Progress } from "./package.ts";
import { stageKernel } from "./store.ts";

/** Limit of the size of an image, against wrong files and endless responses. */
const MAX_BYTES = 1 << 29;

/** Options of {@linkcode fetchKernel}. */
export interface FetchKernelOptions {
  /**
   * Path or URL (http, https, file) of an image that has everything a guest needs built in.
   *
   * @default the kernel for virtual machines of this Debian or Ubuntu, with its modules
   */
  readonly from?: string | URL;
  /** SHA-256 that the image at `from` must have, in hex. Required if it comes over the network. */
  readonly sha256?: string;
  /** Architecture of the distribution's kernel; not allowed with `from`. @default this machine's */
  readonly arch?: KernelArch;
  /** Called with a description of each step. */
  readonly onProgress?: Progress;
}

/**
 * Fetches a kernel into the cache, completely or not at all, and returns it. Does not require root,
 * and installs nothing.
 *
 * @throws {TypeError} if `sha256` is malformed, or missing for a URL; if `arch` is unknown.
 * @throws {Error} if there is no kernel, it cannot be read, or its hash or format is wrong.
 */
export async function fetchKernel(options: FetchKernelOptions = {}): Promise<Kernel> {
  const { from, sha256, arch, onProgress = () => {} } = options;
  checkArch(arch);
  if (from === undefined) {
    if (sha256 === undefined) return await fetchPackagedKernel(arch ?? HOST_ARCH, onProgress);
    throw new TypeError("cannot compare a sha256: apt checks its packages itself: set from too");
  }
  if (arch !== undefined) {
    throw new TypeError(`cannot choose ${arch}: the given image determines the architecture`);
  }
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new TypeError(`cannot compare with ${JSON.stringify(sha256)}: it is not a sha256 in hex`);
  }
  const place = toPlace(from);
  if (place instanceof URL && sha256 === undefined) {
    throw new TypeError(`cannot fetch ${place}: a URL needs the sha256 of its content`);
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
    throw new Error(`cannot fetch ${name}: ${messageOf(error)}`, { cause: error });
  }
  return await staged.commit("given");
}

/** Parses `from` into a path, or a URL of http or https. */
function toPlace(from: string | URL): string | URL {
  if (typeof from === "string" && !/^[a-z][a-z0-9+.-]*:\/\//i.test(from)) return from;
  const url = new URL(from);
  if (url.protocol === "file:") return fileURLToPath(url);
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  throw new TypeError(`cannot fetch ${url}: it must be a path or a URL of http, https or file`);
}

async function open(place: string | URL): Promise<ReadableStream<Uint8Array>> {
  if (typeof place === "string") return (await Deno.open(place)).readable;
  const response = await fetch(place);
  if (response.ok && response.body !== null) return response.body;
  await response.body?.cancel();
  throw new Error(`the server answered ${response.status} ${response.statusText}`.trimEnd());
}

/**
 * Writes a stream to a new file and returns its hash in hex.
 *
 * @throws {Error} if it is too large.
 */
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
