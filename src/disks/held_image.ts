// Marks an image of the cache as used while a machine has it, so that it is not pruned.

import { findCacheDir } from "../host/cache_dir.ts";

/**
 * Holds a shared lock (flock(2)) on an image of the cache; nothing for other files. Disposing the
 * result unlocks it.
 *
 * @throws {Deno.errors} if it cannot be opened.
 */
export async function holdImage(path: string): Promise<Disposable> {
  const cache = findCacheDir();
  if (cache === undefined || !path.startsWith(`${cache}/images/`)) return NOTHING;
  const file = await Deno.open(path);
  await file.tryLock(false).catch(() => {}); // not every file system has locks
  return file;
}

const NOTHING: Disposable = { [Symbol.dispose]() {} };
