// Limits the memory and CPU time of QEMU's process by a cgroup, where one can be made.

import type { MachineSpec } from "./argv.ts";
import { type Cgroup, type CgroupBounds, makeCgroup } from "./cgroup.ts";

/**
 * MiB that QEMU needs in addition to the guest's memory. Under TCG: up to 1 GiB of translated code
 * (DEFAULT_CODE_GEN_BUFFER_SIZE, tcg/region.c) and its tables; else threads, devices and buffers.
 * The mapped pages of a template are page cache, which the kernel can reclaim.
 */
const OVERHEAD_MIB = { tcg: 1280, kvm: 256 } as const;

/**
 * Processors in addition to the guest's, for the threads that serve its devices: a process that has
 * used up its quota is stopped until the next period, which looks to a guest like hung hardware.
 */
const OVERHEAD_CPUS = 1;

/** A process and its limits, if it has any. Dispose it once the process has ended. */
export interface BoundedProcess extends Disposable {
  /** Resolves when the limits apply, or cannot be applied. Never rejects. */
  readonly settled: Promise<void>;
  /**
   * Whether the OOM killer has killed it, because its own limit or the host's memory was used up.
   */
  wasOomKilled(): boolean;
}

const UNBOUNDED: BoundedProcess = {
  settled: Promise.resolve(),
  wasOomKilled: () => false,
  [Symbol.dispose]() {},
};

/** False once making a cgroup has failed: it is not tried again in this process. */
let canBound = true;

/** The limits for the QEMU process of a machine. */
export function qemuBounds(
  { memoryMib, cpus, accel }: Pick<MachineSpec, "memoryMib" | "cpus" | "accel">,
): CgroupBounds {
  return {
    memoryMib: memoryMib + OVERHEAD_MIB[accel === "kvm" ? "kvm" : "tcg"],
    cpus: cpus + OVERHEAD_CPUS,
  };
}

/** Applies limits to a process that has just been started, if a cgroup can be made here. */
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

/** In version 2 we may be able to make a cgroup, but not to move a process into it. */
function isForbidden(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied;
}
