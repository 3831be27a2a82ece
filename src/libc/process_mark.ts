// Marks the processes that are started here, so that others can recognise them by /proc/PID/limits.
//
// The mark is the soft limit of file locks (RLIMIT_LOCKS), which is inherited and which kernels
// have ignored since 2.4.25 (getrlimit(2)). A child has it from its first moment: there is no
// window between starting a process and marking it.

import { libc } from "./libc.ts";

const RLIMIT_LOCKS = 10; // asm-generic/resource.h

/** Processes that are started before this is disposed are marked. */
export interface ProcessMark extends Disposable {
  /** The value of the limit, in decimal. */
  readonly value: string;
  /** Removes the mark from one process; those that it has started already keep it. */
  clear(pid: number): void;
}

/**
 * Marks the processes that are started from now on, with a random value.
 *
 * @returns `undefined` where the limit cannot be set, as in gVisor; else the mark, for the caller
 * to dispose
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
  return value! >> 2n; // well below RLIM_INFINITY, which /proc shows as `unlimited`
}
