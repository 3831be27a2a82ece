// Gets the initrd for a kernel from the cache, or builds it.

import { createHash } from "node:crypto";
import { cacheDir } from "../src/host/cache_dir.ts";
import { hashFile } from "../src/host/hash_file.ts";
import { keepNewest } from "../src/host/keep_newest.ts";
import type { Kernel } from "../src/kernels/find.ts";
import { buildInitrd, type InitrdOptions } from "./build_initrd.ts";
import { gatherParts, type GuestParts } from "./guest_parts.ts";
import type { GuestKind, GuestProgram } from "./guest_program.ts";
import { hashSources } from "./sources.ts";

/** How many initrds are kept, the most recently used: each contains Deno. */
const KEPT = 8;

/** The options of {@linkcode ensureInitrd}, without the kernel. */
export type EnsureInitrdOptions = Omit<InitrdOptions, "kernel" | "output">;

/** An initrd of the cache; `guest` is set if it has just been built. */
export interface EnsuredInitrd {
  readonly path: string;
  readonly kind: GuestKind;
  readonly guest?: GuestProgram;
}

/**
 * Returns the path of an initrd for this kernel, this Deno and these sources. It is built if the
 * cache has none; of two concurrent builds, the last one stays.
 *
 * @throws {Error} if a part of it is missing.
 */
export async function ensureInitrd(
  kernel: Kernel,
  options: EnsureInitrdOptions = {},
): Promise<string> {
  return (await findOrBuild(kernel, options)).path;
}

/** Like {@linkcode ensureInitrd}, but also returns what the initrd contains. */
export async function findOrBuild(
  kernel: Kernel,
  options: EnsureInitrdOptions,
): Promise<EnsuredInitrd> {
  const parts = await gatherParts({ ...options, kernel });
  const { busybox, kind } = parts;
  const inputs = await hashInputs(kernel, parts, options.root);
  const path = pathOf(inputs, kind);
  if (await touch(path)) return { path, kind };
  // A denort may come from the network, so that the kind is known only afterwards.
  const output = (guest: GuestProgram) => pathOf(inputs, guest.kind);
  const built = await buildInitrd({ ...options, kernel, busybox, output });
  keepNewest(folder(), /^\w.*\.cpio$/, KEPT);
  return { ...built, kind: built.guest.kind };
}

/** The folder of all initrds. */
function folder(): string {
  return `${cacheDir()}/initrds`;
}

function pathOf(inputs: string, kind: GuestKind): string {
  return `${folder()}/${inputs.slice(0, 32)}-${kind}.cpio`;
}

/** The kind of guest in an initrd of the cache; undefined for any other path. */
export function kindOfInitrd(path: string): GuestKind | undefined {
  const kind = path.startsWith(`${folder()}/`) ? /-(\w+)\.cpio$/.exec(path)?.[1] : undefined;
  return kind === "bundled" || kind === "compiled" ? kind : undefined;
}

/**
 * Hashes everything that an initrd depends on. Deno and busybox are identified by version and size.
 */
async function hashInputs(kernel: Kernel, parts: GuestParts, root: string | undefined) {
  const size = async (path: string) => (await Deno.stat(path)).size;
  const inputs = [
    Deno.version.deno,
    await size(parts.deno),
    await size(parts.busybox),
    await hashSources(),
    // One initrd serves all kernels that need no modules; `id` depends on the content of modules.
    kernel.modules.length === 0 ? kernel.arch : kernel.id,
    root === undefined ? null : await hashFile(root),
  ];
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
}

/** Marks a file as used, unless the cache is read-only; returns whether it exists. */
async function touch(path: string): Promise<boolean> {
  const now = new Date();
  await Deno.utime(path, now, now).catch(() => {});
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
