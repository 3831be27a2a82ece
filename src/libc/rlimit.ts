// Restores the user's limit of open files for children: Deno raises its own.

import { libc } from "./libc.ts";

const RLIMIT_NOFILE = 7; // asm-generic/resource.h
const NOTHING: Disposable = { [Symbol.dispose]() {} };

let original: bigint | undefined | null;

/**
 * Sets the soft limit of open files back to that of the parent of this process, until disposed.
 * Only for the moment of a spawn or an exec: nothing may be opened in between.
 */
export function restoreFileLimit(): Disposable {
  const wanted = originalLimit();
  if (wanted === undefined) return NOTHING;
  const limits = new BigUint64Array(2);
  if (libc().getrlimit(RLIMIT_NOFILE, limits) < 0 || limits[0]! <= wanted) return NOTHING;
  libc().setrlimit(RLIMIT_NOFILE, new BigUint64Array([wanted, limits[1]!]));
  return {
    [Symbol.dispose]() {
      libc().setrlimit(RLIMIT_NOFILE, limits);
    },
  };
}

/** The parent's soft limit, read once: the one we were started with, unless it changed its own. */
function originalLimit(): bigint | undefined {
  if (original === undefined) original = readParentLimit() ?? null;
  return original ?? undefined;
}

function readParentLimit(): bigint | undefined {
  try {
    const limits = Deno.readTextFileSync(`/proc/${Deno.ppid}/limits`);
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? undefined : BigInt(soft);
  } catch {
    return undefined; // no /proc, or not permitted to read it
  }
}
