// Fetches a kernel into the cache: from the distribution, a package, a folder, a file, or a URL.

import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { faultOf, whereFull } from "../host/fault.ts";
import { openGivenFile } from "../host/given_file.ts";
import { makeTempFolder } from "../host/temp_folder.ts";
import { fetchWithin } from "../io/fetch_within.ts";
import { checkArch, HOST_ARCH, type KernelArch } from "../machine/architectures.ts";
import { messageOf } from "../model/errors.ts";
import type { Kernel } from "./find.ts";
import { fetchPackagedKernel, type Progress } from "./package.ts";
import { copyGivenKernel } from "./parts.ts";
import { stageKernel } from "./store.ts";

/** Limit of the size of a file, against wrong files and endless responses. */
const MAX_BYTES = 1 << 29;

/** Options of {@linkcode fetchKernel}. */
export interface FetchKernelOptions {
  /**
   * What to take the kernel from: the path of a package (.deb), of a folder with an unpacked kernel
   * or a built source tree, or of an image; or a URL (http, https, file) of a package or an image.
   *
   * @default the kernel for virtual machines of this Debian or Ubuntu, with its modules
   */
  readonly from?: string | URL;
  /**
   * Path of the modules of the kernel at `from`: the folder given to `make modules_install` as
   * INSTALL_MOD_PATH, the folder of one release, or a package.
   *
   * @default those at `from`; an image has none
   */
  readonly modules?: string;
  /** SHA-256 that the file at `from` must have, in hex. Required if it comes over the network. */
  readonly sha256?: string;
  /**
   * The suite of the distribution to take the kernel from, such as `trixie` or
   * `bookworm-backports`; not allowed with `from`.
   *
   * @default those that this machine's apt is configured for
   */
  readonly suite?: string;
  /** Architecture of the distribution's kernel; not allowed with `from`. @default this machine's */
  readonly arch?: KernelArch;
  /** Tries the kernel before it is stored; if this throws, it is not stored. */
  readonly trial?: ((kernel: Kernel) => Promise<void>) | undefined;
  /** Ends a download over HTTP, or the wait before the kernel is stored. */
  readonly signal?: AbortSignal;
  /** Called with a description of each step. */
  readonly onProgress?: Progress;
}

/**
 * Fetches a kernel into the cache, completely or not at all, and returns it. Does not require root,
 * and installs nothing.
 *
 * @throws {TypeError} if `sha256` is malformed, or missing for a URL; if `arch` is unknown; if
 * options exclude each other.
 * @throws {Error} if there is no kernel, it cannot be read, or its hash or format is wrong.
 */
export async function fetchKernel(options: FetchKernelOptions = {}): Promise<Kernel> {
  const { from, sha256, arch, suite, modules, trial, signal, onProgress = () => {} } = options;
  checkArch(arch);
  if (from === undefined) {
    requireFrom({ sha256, modules });
    const request = { arch: arch ?? HOST_ARCH, suite, trial, signal };
    return await fetchPackagedKernel(request, onProgress);
  }
  if (arch !== undefined) {
    throw new TypeError(`cannot choose ${arch}: the given image determines the architecture`);
  }
  if (suite !== undefined) {
    throw new TypeError(`cannot use the suite ${suite}: the kernel is given by from`);
  }
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new TypeError(`cannot compare with ${JSON.stringify(sha256)}: it is not a sha256 in hex`);
  }
  const place = toPlace(from);
  if (place instanceof URL && sha256 === undefined) {
    throw new TypeError(`cannot fetch ${place}: a URL needs the sha256 of its content`);
  }
  return await fetchFrom(place, { ...options, onProgress });
}

/** @throws {TypeError} if an option is given that is for `from` only */
function requireFrom(
  { sha256, modules }: Readonly<Record<"sha256" | "modules", string | undefined>>,
): void {
  if (sha256 !== undefined) {
    throw new TypeError("cannot compare a sha256: apt checks its packages itself: set from too");
  }
  if (modules !== undefined) {
    throw new TypeError("cannot use modules: they are those of a given kernel: set from too");
  }
}

async function fetchFrom(
  place: string | URL,
  options: FetchKernelOptions & { readonly onProgress: Progress },
): Promise<Kernel> {
  const { modules, trial, signal, onProgress } = options;
  const name = place instanceof URL ? place.href : JSON.stringify(place);
  if (typeof place === "string") {
    await Deno.stat(place).catch((error) => {
      throw new Error(`cannot fetch ${name}: ${faultOf(error)}`, { cause: error });
    });
  }
  const { path: scratch, cleanup } = makeTempFolder({ prefix: "execvm-kernel-" });
  using _cleanup = cleanup;
  try {
    using staged = await stageKernel();
    onProgress(`reading ${name}`);
    const names = await readFrom(place, { ...options, scratch, staged }).catch((error) => {
      throw new Error(`cannot fetch ${name}: ${messageOf(error)}`, { cause: error });
    });
    signal?.throwIfAborted();
    const source = place instanceof URL ? place.href : resolve(place);
    const about = modules === undefined ? source : `${source}, modules of ${resolve(modules)}`;
    return await staged.commit("given", { modules: names, source: about, trial });
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Copies image and modules into the staged kernel; returns the names of the modules. */
async function readFrom(
  place: string | URL,
  { modules, sha256, scratch, staged, signal, onProgress }:
    & Pick<FetchKernelOptions, "modules" | "sha256" | "signal">
    & { readonly scratch: string; readonly onProgress: Progress }
    & { readonly staged: { readonly image: string; readonly modulesDir: string } },
): Promise<readonly string[]> {
  const from = sha256 === undefined
    ? place as string
    : await copyChecked(place, sha256.toLowerCase(), { folder: scratch, signal });
  const target = { image: staged.image, modulesDir: staged.modulesDir, scratch, onProgress };
  return await copyGivenKernel({ from, modules }, target);
}

/** Copies a file with this hash into `folder`, so that it cannot change after the check. */
async function copyChecked(
  place: string | URL,
  sha256: string,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal | undefined },
): Promise<string> {
  const path = `${folder}/${basename(place instanceof URL ? place.pathname : place) || "kernel"}`;
  const found = await copyHashed(await open(place, signal), path);
  if (found === sha256) return path;
  throw new Error(`its sha256 is ${found} in place of ${sha256}`);
}

/** Parses `from` into a path, or a URL of http or https. */
function toPlace(from: string | URL): string | URL {
  if (typeof from === "string" && !/^[a-z][a-z0-9+.-]*:\/\//i.test(from)) return from;
  const url = new URL(from);
  if (url.protocol === "file:") return fileURLToPath(url);
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  throw new TypeError(`cannot fetch ${url}: it must be a path or a URL of http, https or file`);
}

async function open(
  place: string | URL,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array>> {
  if (typeof place === "string") return (await openGivenFile(place)).readable;
  const response = await fetchWithin(place, {}, { signal });
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
