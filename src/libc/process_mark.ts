// A mark that processes started here have from their first moment on, and that others can read in /proc/PID/limits.
//
// It is a value of the soft limit of file locks, which is inherited, and which no kernel since 2.4.25 heeds
// (getrlimit(2), RLIMIT_LOCKS). It cannot be passed to a process that exists, so that there is no moment between.

import { libc } from "./libc.ts";

const RLIMIT_LOCKS = 10; // asm-generic/resource.h

/** What is started before it is disposed is marked. */
export interface ProcessMark extends Disposable {
  /** The value, in decimal. */
  readonly value: string;
  /** Takes it off a process again; what that has started meanwhile keeps it. */
  clear(pid: number): void;
}

/**
 * Marks what is started from now on. Nobody else has the same mark.
 *
 * @returns `undefined` where the limit cannot be set, as in gVisor
 */
export function markProcesses(): ProcessMark | undefined {
  const limits = new BigUint64Array(2);
  if (libc().getrlimit(RLIMIT_LOCKS, limits) < 0) return undefined;
  const value = newValue();
  if (libc().setrlimit(RLIMIT_LOCKS, new BigUint64Array([value, limits[1]!])) < 0) return undefined;
  return {
    value: String(value),
    clear: (pid) => void libc().prlimit(pid, RLIMIT_LOCKS, limits, null),
    [Symbol.dispose]: () => void libc().setrlimit(RLIMIT_LOCKS, limits),
  };
}

function newValue(): bigint {
  const [value] = crypto.getRandomValues(new BigUint64Array(1));
  return value! >> 2n; // well below RLIM_INFINITY, which is told as `unlimited`
}
