// Makes and removes the folders of cgroups. One can be removed only once its last process is gone,
// which may be a moment after that process has ended.

import { killWithUs } from "../host/watchdog.ts";

/** The prefix of the names that we make. */
const PREFIX = "execvm-";

const OURS = /^execvm-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The age at which a cgroup without processes is abandoned: it gets its process right after it is
 * made.
 */
const ABANDONED_MS = 600_000;

/** The folder of one cgroup. */
export interface CgroupFolder {
  readonly path: string;
  /**
   * Removes it. If it is still in use, that is tried again whenever another one is made or removed,
   * and by the watchdog once this process has ended.
   */
  remove(): void;
}

/** Folders that could not be removed yet; disposing the value takes one off the watchdog's list. */
const inUse = new Map<string, Disposable>();

/** A new unique name for a cgroup. */
export function cgroupName(): string {
  return `${PREFIX}${crypto.randomUUID()}`;
}

/** Makes the folder of a cgroup. @throws {Deno.errors} if it cannot be made. */
export function makeCgroupFolder(path: string): CgroupFolder {
  removeInUse();
  const cleanup = killWithUs({ emptyFolder: path }); // before it exists
  try {
    Deno.mkdirSync(path);
  } catch (error) {
    cleanup[Symbol.dispose]();
    throw error;
  }
  return {
    path,
    remove() {
      inUse.set(path, cleanup);
      removeInUse();
    },
  };
}

/**
 * Removes cgroups below a folder that runs left behind when their watchdog was killed too: those of
 * execvm that have no processes and are ten minutes old.
 *
 * @param now milliseconds since 1970
 */
export function sweepCgroups(folder: string, now: number = Date.now()): void {
  try {
    for (const { name } of Deno.readDirSync(folder)) {
      if (OURS.test(name)) removeAbandoned(`${folder}/${name}`, now);
    }
  } catch {
    // a folder that we may not list has nothing of ours to remove
  }
}

function removeAbandoned(path: string, now: number): void {
  try {
    const { mtime } = Deno.statSync(path);
    if (mtime !== null && now - mtime.getTime() > ABANDONED_MS) Deno.removeSync(path);
  } catch {
    // it has processes, or has been removed meanwhile
  }
}

function removeInUse(): void {
  for (const [path, cleanup] of inUse) {
    if (!isRemoved(path)) continue;
    inUse.delete(path);
    cleanup[Symbol.dispose]();
  }
}

function isRemoved(path: string): boolean {
  try {
    Deno.removeSync(path);
    return true;
  } catch (error) {
    return error instanceof Deno.errors.NotFound; // another process has removed it
  }
}
