// Finds the kernels in the cache.
//
// Each is a folder `<cache>/kernels/<id>` that appears complete, by a rename (store.ts):
//   vmlinuz         the image
//   modules/*.ko    modules that are not built into it, decompressed
//   kernel.json     a KernelRecord
// Beside them, `.default-ARCH` names the default kernel of an architecture (default.ts).

import { HOST_ARCH, type KernelArch } from "../machine/architectures.ts";
import { messageOf } from "../model/errors.ts";
import { defaultKernelId, kernelsDir } from "./default.ts";

/** The origin of a kernel: built here, fetched from the distribution, or given by the user. */
export type KernelOrigin = "built" | "fetched" | "given";

/** A kernel that can be booted. */
export interface Kernel {
  /** Its name in the cache, which depends on its content: that of its folder. */
  readonly id: string;
  /** Path of its image: a bzImage, or for aarch64 an Image. */
  readonly image: string;
  /** Its version, as printed by `uname -r`. */
  readonly version: string;
  /** Its architecture. */
  readonly arch: KernelArch;
  /** How it came into the cache. */
  readonly origin: KernelOrigin;
  /** Paths of its modules, each after those it depends on; empty if everything is built in. */
  readonly modules: readonly string[];
  /** SHA-256 of the image, in hex. */
  readonly sha256: string;
  /** What it was made from: a package with its version, a path, or a URL; if that is known. */
  readonly source?: string;
}

/** The content of `kernel.json`. */
export interface KernelRecord {
  readonly version: string;
  readonly arch: KernelArch;
  readonly origin: KernelOrigin;
  /** Names in the folder `modules`, in the order to load them. */
  readonly modules: readonly string[];
  readonly sha256: string;
  /** Size of the image in bytes, by which a truncated one is detected. */
  readonly bytes: number;
  readonly source?: string;
}

/** An entry of the cache that cannot be used. */
export interface DamagedKernel {
  readonly path: string;
  /** What is wrong with it. */
  readonly fact: string;
}

const ORIGINS: readonly KernelOrigin[] = ["built", "fetched", "given"];

/**
 * Returns the default kernel: the one that was chosen, else the last one that was built, else the
 * last one that was fetched or given. Undefined if there is none for `arch`.
 *
 * @param arch default: that of this machine
 */
export async function findKernel(arch: KernelArch = HOST_ARCH): Promise<Kernel | undefined> {
  return (await listKernels(arch))[0];
}

/**
 * Returns the usable kernels in the cache, the preferred one first. Those of this machine's
 * architecture come before others.
 *
 * @param arch returns only kernels for it; default: all
 */
export async function listKernels(arch?: KernelArch): Promise<Kernel[]> {
  const { kernels } = await inspectKernels();
  return arch === undefined ? kernels : kernels.filter((kernel) => kernel.arch === arch);
}

/** As {@linkcode listKernels}, but also returns the entries that are damaged. */
export async function inspectKernels(): Promise<{ kernels: Kernel[]; damaged: DamagedKernel[] }> {
  const found: { kernel: Kernel; storedMs: number }[] = [];
  const damaged: DamagedKernel[] = [];
  for (const path of entries(kernelsDir())) {
    try {
      found.push({ kernel: await readKernel(path), storedMs: storedMs(path) });
    } catch (error) {
      damaged.push({ path, fact: messageOf(error) });
    }
  }
  const chosen = { x86_64: defaultKernelId("x86_64"), aarch64: defaultKernelId("aarch64") };
  const rank = ({ id, arch, origin }: Kernel) =>
    (arch === HOST_ARCH ? 0 : 3) + (id === chosen[arch] ? 0 : origin === "built" ? 1 : 2);
  found.sort((a, b) => rank(a.kernel) - rank(b.kernel) || b.storedMs - a.storedMs);
  return { kernels: found.map(({ kernel }) => kernel), damaged };
}

/**
 * Reads the kernel in a folder of the cache.
 *
 * @throws {Error} if it is damaged; the message is only the fact.
 */
export async function readKernel(path: string): Promise<Kernel> {
  const record = checkRecord(JSON.parse(await readRecord(path)));
  const { bytes, modules, ...rest } = record;
  const id = path.slice(path.lastIndexOf("/") + 1);
  const kernel = { id, ...rest, image: `${path}/vmlinuz` };
  const size = (await stat(kernel.image)).size;
  if (size !== bytes) throw new Error(`vmlinuz has ${size} bytes in place of ${bytes}`);
  const paths = modules.map((name) => `${path}/modules/${name}`);
  for (const module of paths) await stat(module);
  return { ...kernel, modules: paths };
}

function readRecord(path: string): Promise<string> {
  return Deno.readTextFile(`${path}/kernel.json`).catch(() => {
    throw new Error("kernel.json cannot be read");
  });
}

function checkRecord(value: unknown): KernelRecord {
  const { version, arch, origin, modules, sha256, bytes, source } = Object(
    value,
  ) as Partial<KernelRecord>;
  const isName = (name: unknown) => typeof name === "string" && !name.includes("/");
  const isRecord = typeof version === "string" && (arch === "x86_64" || arch === "aarch64") &&
    ORIGINS.includes(origin!) && Array.isArray(modules) && modules.every(isName) &&
    typeof sha256 === "string" && typeof bytes === "number" &&
    (source === undefined || typeof source === "string");
  if (!isRecord) throw new Error("kernel.json is malformed");
  const known = source === undefined ? {} : { source };
  return { version, arch, origin: origin!, modules, sha256, bytes, ...known };
}

async function stat(path: string): Promise<Deno.FileInfo> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isFile === true) return info;
  throw new Error(`there is no file ${path.slice(path.lastIndexOf("/") + 1)}`);
}

/** The time at which an entry was stored last. */
function storedMs(path: string): number {
  return Deno.statSync(`${path}/kernel.json`).mtime?.getTime() ?? 0;
}

/** The folders in a folder, except those being written; none if it does not exist. */
function entries(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)]
      .filter(({ name, isDirectory }) => isDirectory && !name.startsWith("."))
      .map(({ name }) => `${folder}/${name}`).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
