// The folder that outputs are written to.

import { dirname, resolve } from "node:path";
import { killWithUs } from "../host/watchdog.ts";
import { messageOf } from "../model/errors.ts";
import { requireEmpty } from "./outputs_place.ts";

/** A folder that is being filled. Disposing it removes it, unless it was published. */
export interface OutputsFolder extends Disposable {
  /** Where to write. */
  readonly path: string;
  /** Puts it in its place, and returns its real path. */
  publish(): Promise<string>;
}

/**
 * Makes the folder that a caller asked for. It is written aside and then renamed, unless there is
 * an empty folder already, which is filled.
 *
 * @throws {Error} if there is a folder that is not empty.
 */
export async function openAskedFolder(wanted: string): Promise<OutputsFolder> {
  if (await isFolder(wanted)) {
    await requireEmpty(wanted);
    const path = await Deno.realPath(wanted);
    return { path, publish: () => Promise.resolve(path), [Symbol.dispose]() {} };
  }
  const place = resolve(wanted);
  const parent = dirname(place);
  await Deno.mkdir(parent, { recursive: true });
  return await makeAside(parent, async (path) => {
    await Deno.rename(path, place).catch(async (error) => {
      await requireEmpty(place);
      throw new Error(`cannot put outputs into ${place}: ${messageOf(error)}`, { cause: error });
    });
    return await Deno.realPath(place);
  });
}

/** Makes a temporary folder. Once published, it is removed when this process ends. */
export async function openTemporaryFolder(): Promise<OutputsFolder> {
  const path = await Deno.makeTempDir({ prefix: "execvm-outputs-" });
  const cleanup = killWithUs({ path });
  let isKept = false;
  return {
    path,
    publish() {
      isKept = true;
      return Promise.resolve(path);
    },
    [Symbol.dispose]() {
      if (!isKept && isRemoved(path)) cleanup[Symbol.dispose]();
    },
  };
}

/**
 * Makes a folder in `parent` that is removed, also when this process is killed, unless `publish` has
 * moved it.
 */
async function makeAside(
  parent: string,
  move: (path: string) => Promise<string>,
): Promise<OutputsFolder> {
  const path = `${parent === "/" ? "" : parent}/.execvm-${crypto.randomUUID().slice(0, 8)}`;
  const cleanup = killWithUs({ path });
  let isHere = true;
  await Deno.mkdir(path).catch((error) => {
    cleanup[Symbol.dispose]();
    throw error;
  });
  return {
    path,
    async publish() {
      const place = await move(path);
      isHere = false;
      return place;
    },
    [Symbol.dispose]() {
      if (!isHere || isRemoved(path)) cleanup[Symbol.dispose]();
    },
  };
}

/** Removes a folder. One that cannot be removed yet is left to the clean-up of this process. */
function isRemoved(path: string): boolean {
  try {
    Deno.removeSync(path, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

/** Returns whether a path is a folder, or a link to one. */
export async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isDirectory, () => false);
}
