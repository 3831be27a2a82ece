// Passes QEMU open descriptors of files that its user may not open, or that it has no option for.

import type { Drive } from "../disks/drives.ts";
import { type Fd, openDevice, openForReading } from "../libc/fd.ts";
import { findLibc } from "../libc/libc.ts";
import type { MachineSpec, MemoryFile, StateFds } from "./argv.ts";
import type { QemuUser } from "./privileges.ts";

/** The files of a machine that can be passed to QEMU. */
export interface PassableFiles extends Pick<MachineSpec, "drives" | "memory"> {
  /** The state file of a clone. */
  readonly stateFile?: string;
}

/** The same files by the names that QEMU opens them by. */
export interface PassedFds {
  readonly drives: readonly Drive[];
  readonly memory?: MemoryFile;
  /** The descriptors of the state file in QEMU. */
  readonly state?: StateFds;
}

/**
 * Calls `spawn` with files that QEMU can open as `user`. Without a user (QEMU then runs as us), or
 * without FFI, the drives and the memory are passed on unchanged. The state file needs FFI.
 *
 * @param spawn must start QEMU before it returns: then our descriptors are closed
 * @throws {SystemError} if a file cannot be opened.
 */
export function withPassedFds<T>(
  { drives = [], memory, stateFile }: PassableFiles,
  user: QemuUser | undefined,
  spawn: (passed: PassedFds) => T,
): T {
  using opened = new DisposableStack();
  const pass = (fd: Fd) => {
    opened.use(fd).setInherited();
    return fd.number;
  };
  const passed = {
    drives,
    ...(memory !== undefined && { memory }),
    ...(stateFile !== undefined && {
      state: { plain: pass(openForReading(stateFile)), inSet: pass(openForReading(stateFile)) },
    }),
  };
  if (user === undefined || findLibc() === undefined) return spawn(passed);
  return spawn({
    ...passed,
    drives: drives.map((drive) => ({
      ...drive,
      fd: pass(drive.write ? openDevice(drive.file) : openForReading(drive.file)),
    })),
    // QEMU reopens this by itself: the mode of the file allows that, though its folder does not.
    ...(memory !== undefined &&
      { memory: { ...memory, path: `/proc/self/fd/${pass(openDevice(memory.path))}` } }),
  });
}
