// The initrd for a kernel, out of the cache or built now.

import { createHash } from "node:crypto";
import { basename } from "node:path";
import { cacheDir } from "../src/host/cache_dir.ts";
import { hashFile } from "../src/host/hash_file.ts";
import { keepNewest } from "../src/host/keep_newest.ts";
import type { Kernel } from "../src/kernels/find.ts";
import { buildInitrd, type InitrdOptions } from "./build_initrd.ts";
import { gatherParts, type GuestParts } from "./guest_parts.ts";
import type { GuestKind, GuestProgram } from "./guest_program.ts";
import { hashSources } from "./sources.ts";

/** How many are kept, those used last: each has all of Deno in it. */
const KEPT = 8;

/** What is asked for, beside the kernel. */
export type EnsureInitrdOptions = Omit<InitrdOptions, "kernel" | "output">;

/** An initrd of the cache; `guest` is there if it was built now. */
export interface EnsuredInitrd {
  readonly path: string;
  readonly kind: GuestKind;
  readonly guest?: GuestProgram;
}

/**
 * The path of an initrd for this kernel, this Deno and these sources. It is built when the cache has
 * none; when two do so at once, the last one stays.
 *
 * @throws {Error} if something of it is missing.
 */
export async function ensureInitrd(
  kernel: Kernel,
  options: EnsureInitrdOptions = {},
): Promise<string> {
  return (await findOrBuild(kernel, options)).path;
}

/** As {@linkcode ensureInitrd}, with what there is to know of it. */
export async function findOrBuild(
  kernel: Kernel,
  options: EnsureInitrdOptions,
): Promise<EnsuredInitrd> {
  const parts = await gatherParts({ ...options, kernel });
  const { busybox, kind } = parts;
  const inputs = await hashInputs(kernel, parts, options.root);
  const path = pathOf(inputs, kind);
  if (await touch(path)) return { path, kind };
  // The network may give what this machine has not, so that the kind is only known in the end.
  const output = (guest: GuestProgram) => pathOf(inputs, guest.kind);
  const built = await buildInitrd({ ...options, kernel, busybox, output });
  keepNewest(folder(), /^\w.*\.cpio$/, KEPT);
  return { ...built, kind: built.guest.kind };
}

/** Where the initrds are. */
function folder(): string {
  return `${cacheDir()}/initrds`;
}

function pathOf(inputs: string, kind: GuestKind): string {
  return `${folder()}/${inputs.slice(0, 32)}-${kind}.cpio`;
}

/** What guest an initrd of the cache has; undefined if it is none of these. */
export function kindOfInitrd(path: string): GuestKind | undefined {
  const kind = path.startsWith(`${folder()}/`) ? /-(\w+)\.cpio$/.exec(path)?.[1] : undefined;
  return kind === "bundled" || kind === "compiled" ? kind : undefined;
}

/** The hash of all that goes in. Deno and busybox are told by their version and size. */
async function hashInputs(kernel: Kernel, parts: GuestParts, root: string | undefined) {
  const size = async (path: string) => (await Deno.stat(path)).size;
  const inputs = [
    Deno.version.deno,
    await size(parts.deno),
    await size(parts.busybox),
    await hashSources(),
    kernel.version,
    kernel.sha256,
    ...kernel.modules.map((path) => basename(path)), // the same kernel may be in another cache
    root === undefined ? null : await hashFile(root),
  ];
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
}

/** Whether there is such a file; it counts as used now, where we may write: a cache can be read-only. */
async function touch(path: string): Promise<boolean> {
  const now = new Date();
  await Deno.utime(path, now, now).catch(() => {});
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
