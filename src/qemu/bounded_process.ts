// QEMU's process held to what its guest may have: by a cgroup, where one can be had, else not at all.

import type { MachineSpec } from "./argv.ts";
import { type Cgroup, type CgroupBounds, makeCgroup } from "./cgroup.ts";

/**
 * MiB that QEMU takes beside the memory of the guest. Under TCG that is up to 1 GiB of translated code
 * (DEFAULT_CODE_GEN_BUFFER_SIZE, tcg/region.c) and its tables; else threads, devices and buffers. What it
 * maps of a template is page cache, for which the kernel makes room.
 */
const OVERHEAD_MIB = { tcg: 1280, kvm: 256 } as const;

/**
 * Processors beside those of the guest, for the threads that serve its devices: who has used all of his time
 * is stopped as a whole until the next period, which a guest takes for hardware that does not answer.
 */
const OVERHEAD_CPUS = 1;

/** A process that may be bounded. Disposed once it has ended. */
export interface BoundedProcess extends Disposable {
  /** Resolves when it is, or cannot be. */
  readonly settled: Promise<void>;
  /** Whether the kernel has killed it for want of memory; its own, or that of the whole machine. */
  wasOomKilled(): boolean;
}

const UNBOUNDED: BoundedProcess = {
  settled: Promise.resolve(),
  wasOomKilled: () => false,
  [Symbol.dispose]() {},
};

/** Once a cgroup could not be had there is none for this process. */
let canBound = true;

/** What QEMU may have at most. */
export function qemuBounds(
  { memoryMib, cpus, accel }: Pick<MachineSpec, "memoryMib" | "cpus" | "accel">,
): CgroupBounds {
  return {
    memoryMib: memoryMib + OVERHEAD_MIB[accel === "kvm" ? "kvm" : "tcg"],
    cpus: cpus + OVERHEAD_CPUS,
  };
}

/** Bounds a process that has just been started, as far as that can be had here. */
export function boundProcess(pid: number, bounds: CgroupBounds): BoundedProcess {
  let cgroup: Cgroup;
  try {
    if (!canBound) return UNBOUNDED;
    cgroup = makeCgroup(bounds);
  } catch {
    canBound = false;
    return UNBOUNDED;
  }
  return {
    settled: cgroup.add(pid).catch((error) => {
      canBound &&= !isForbidden(error); // else it has ended
    }),
    wasOomKilled: () => cgroup.oomKills() > 0,
    [Symbol.dispose]: () => cgroup[Symbol.dispose](),
  };
}

/** In version 2 a process may be out of reach, though a cgroup can be made. */
function isForbidden(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied;
}
