// The folder of a cgroup, which can be removed only once the last process in it is gone for good: that may
// be a moment after it has ended.

import { killWithUs } from "../host/watchdog.ts";

/** What names of ours begin with. */
const PREFIX = "execvm-";

const OURS = /^execvm-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** After how long one without processes has no owner: it is given one as soon as it is made. */
const ABANDONED_MS = 600_000;

/** A folder for one cgroup. */
export interface CgroupFolder {
  readonly path: string;
  /**
   * Removes it. If it is still in use it is tried again whenever another one is made or removed, and by
   * the watchdog once this process has ended.
   */
  remove(): void;
}

/** Those that were in use when they were to be removed, and what takes each off the watchdog's list. */
const inUse = new Map<string, Disposable>();

/** A name for a cgroup, which no other has. */
export function cgroupName(): string {
  return `${PREFIX}${crypto.randomUUID()}`;
}

/** Makes it. @throws {Deno.errors} if it cannot be made. */
export function makeCgroupFolder(path: string): CgroupFolder {
  removeInUse();
  const cleanup = killWithUs({ emptyFolder: path }); // before it is there
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
 * Removes what runs have left in a folder whose watchdog was killed too: cgroups of theirs that have no
 * processes and are ten minutes old.
 *
 * @param now milliseconds since 1970
 */
export function sweepCgroups(folder: string, now: number = Date.now()): void {
  try {
    for (const { name } of Deno.readDirSync(folder)) {
      if (OURS.test(name)) removeAbandoned(`${folder}/${name}`, now);
    }
  } catch {
    // it may not be listed: then nothing of it is ours to remove
  }
}

function removeAbandoned(path: string, now: number): void {
  try {
    const { mtime } = Deno.statSync(path);
    if (mtime !== null && now - mtime.getTime() > ABANDONED_MS) Deno.removeSync(path);
  } catch {
    // it has processes, or somebody has removed it
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
    return error instanceof Deno.errors.NotFound; // somebody else has
  }
}
