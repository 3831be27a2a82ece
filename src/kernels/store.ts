// Stores a kernel in the cache: it is written to a temporary folder and appears only when complete.

import { createHash } from "node:crypto";
import { killWithUs } from "../host/watchdog.ts";
import { messageOf } from "../model/errors.ts";
import { kernelsDir } from "./default.ts";
import { type Kernel, type KernelOrigin, type KernelRecord, readKernel } from "./find.ts";
import { readKernelImage } from "./image.ts";

/** Options of {@linkcode StagedKernel.commit}. */
export interface CommitOptions {
  /** Names in `modulesDir`, in the order to load them. @default none */
  readonly modules?: readonly string[];
  /** What the kernel was made from. */
  readonly source?: string;
  /** Tries the complete kernel before it is moved; if this throws, the kernel is not stored. */
  readonly trial?: ((kernel: Kernel) => Promise<void>) | undefined;
}

/** A kernel that is being stored. Disposing it removes whatever has not been committed. */
export interface StagedKernel extends Disposable {
  /** The path to write the image to. */
  readonly image: string;
  /** An empty folder for the modules. */
  readonly modulesDir: string;
  /**
   * Checks the image and moves the kernel into the cache by one rename. An entry with the same
   * content is kept, and counts as stored now.
   *
   * @throws {Error} if the image is not a kernel; whatever the trial throws.
   */
  commit(origin: KernelOrigin, options?: CommitOptions): Promise<Kernel>;
}

/** Starts a new entry. Any number may be in progress at once, in any number of processes. */
export async function stageKernel(): Promise<StagedKernel> {
  const path = `${kernelsDir()}/.new-${crypto.randomUUID()}`;
  const cleanup = killWithUs({ path });
  const modulesDir = `${path}/modules`;
  await Deno.mkdir(modulesDir, { recursive: true });
  return {
    image: `${path}/vmlinuz`,
    modulesDir,
    async commit(origin, options = {}) {
      const record = await describe(path, origin, options);
      await Deno.writeTextFile(`${path}/kernel.json`, `${JSON.stringify(record, null, 2)}\n`);
      const id = await idOf(path, record);
      await options.trial?.({ ...await readKernel(path), id });
      return await publish(path, `${kernelsDir()}/${id}`);
    },
    [Symbol.dispose]() {
      try {
        Deno.removeSync(path, { recursive: true });
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error; // it was committed
      } finally {
        cleanup[Symbol.dispose]();
      }
    },
  };
}

async function describe(
  path: string,
  origin: KernelOrigin,
  { modules = [], source }: CommitOptions,
): Promise<KernelRecord> {
  const image = await Deno.readFile(`${path}/vmlinuz`);
  try {
    return {
      ...readKernelImage(image),
      origin,
      modules,
      sha256: sha256(image),
      bytes: image.length,
      ...(source !== undefined && { source }),
    };
  } catch (error) {
    throw new Error(`cannot use the kernel image: ${messageOf(error)}`, { cause: error });
  }
}

/** A readable name for a kernel, with a hash of its image and modules. */
async function idOf(path: string, { version, arch, origin, ...rest }: KernelRecord) {
  const content = createHash("sha256").update(rest.sha256);
  for (const name of rest.modules) {
    content.update(`${name}\0${sha256(await Deno.readFile(`${path}/modules/${name}`))}`);
  }
  return `${version}-${arch}-${origin}-${content.digest("hex").slice(0, 12)}`;
}

/** Attempts to rename while other processes store the same kernel. */
const TRIES = 8;

async function publish(path: string, target: string): Promise<Kernel> {
  for (let tries = TRIES;; tries--) {
    const present = await readKernel(target).catch(() => undefined);
    if (present !== undefined) {
      const now = new Date();
      await Deno.utime(`${target}/kernel.json`, now, now);
      return present;
    }
    await moveAway(target);
    try {
      await Deno.rename(path, target);
    } catch (error) {
      // Another process may have stored the same kernel in the meantime: then that one is used.
      if (tries > 0) continue;
      const fact = messageOf(error);
      throw new Error(`cannot store the kernel in ${JSON.stringify(target)}: ${fact}`);
    }
  }
}

/**
 * Moves a damaged entry out of the way. If there is none now, nothing is done: an entry that
 * appears later was stored by another process and is complete.
 */
async function moveAway(target: string): Promise<void> {
  const slash = target.lastIndexOf("/");
  if (await Deno.lstat(target).catch(() => undefined) === undefined) return;
  if (await readKernel(target).then(() => true, () => false)) return;
  const aside = `${target.slice(0, slash)}/.old-${crypto.randomUUID()}`;
  await Deno.rename(target, aside).catch(() => {});
  await Deno.remove(aside, { recursive: true }).catch(() => {});
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
