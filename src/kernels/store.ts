// Putting a kernel into the cache: written aside, and there only when it is whole.

import { createHash } from "node:crypto";
import { killWithUs } from "../host/watchdog.ts";
import { messageOf } from "../model/errors.ts";
import {
  type Kernel,
  type KernelOrigin,
  type KernelRecord,
  kernelsDir,
  readKernel,
} from "./find.ts";
import { readKernelImage } from "./image.ts";

/** A kernel on its way into the cache. Disposing of it removes what has not been committed. */
export interface StagedKernel extends Disposable {
  /** Where to put the image. */
  readonly image: string;
  /** An empty folder for the modules. */
  readonly modulesDir: string;
  /**
   * Checks the image and makes all of it appear in the cache at once. The same content again replaces
   * nothing and counts as stored now.
   *
   * @param modules names in `modulesDir`, in the order to load them
   * @throws {Error} if the image is none that can be booted.
   */
  commit(origin: KernelOrigin, modules?: readonly string[]): Promise<Kernel>;
}

/** Starts a new entry. Any number can be under way, in any number of processes. */
export async function stageKernel(): Promise<StagedKernel> {
  const path = `${kernelsDir()}/.new-${crypto.randomUUID()}`;
  const cleanup = killWithUs({ path });
  const modulesDir = `${path}/modules`;
  await Deno.mkdir(modulesDir, { recursive: true });
  return {
    image: `${path}/vmlinuz`,
    modulesDir,
    async commit(origin, modules = []) {
      const record = await describe(path, origin, modules);
      await Deno.writeTextFile(`${path}/kernel.json`, `${JSON.stringify(record, null, 2)}\n`);
      return await publish(path, `${kernelsDir()}/${await idOf(path, record)}`);
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
  modules: readonly string[],
): Promise<KernelRecord> {
  const image = await Deno.readFile(`${path}/vmlinuz`);
  try {
    return {
      ...readKernelImage(image),
      origin,
      modules,
      sha256: sha256(image),
      bytes: image.length,
    };
  } catch (error) {
    throw new Error(`Cannot use the kernel image as ${messageOf(error)}`, { cause: error });
  }
}

/** A name that says to people what it is, and changes with any byte of it. */
async function idOf(path: string, { version, arch, origin, ...rest }: KernelRecord) {
  const content = createHash("sha256").update(rest.sha256);
  for (const name of rest.modules) {
    content.update(`${name}\0${sha256(await Deno.readFile(`${path}/modules/${name}`))}`);
  }
  return `${version}-${arch}-${origin}-${content.digest("hex").slice(0, 12)}`;
}

/** How often others may be in the way, who put the same there at the same time. */
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
      // Another process may have put the same there in the meantime: then it is read.
      if (tries > 0) continue;
      const fact = messageOf(error);
      throw new Error(`Cannot store the kernel in ${JSON.stringify(target)} as ${fact}`);
    }
  }
}

/**
 * Moves what is damaged out of the way. What is not there now is left alone: whoever comes next to have
 * put it there has put it there whole.
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
