// Files that QEMU may not open as the user that it runs as, or has no option for, but has open from its
// start.

import type { Drive } from "../disks/drives.ts";
import { type Fd, openDevice, openForReading } from "../libc/fd.ts";
import { findLibc } from "../libc/libc.ts";
import type { MachineSpec, MemoryFile, StateFds } from "./argv.ts";
import type { QemuUser } from "./privileges.ts";

/** What QEMU opens of a machine, and the file with the state of a clone. */
export interface PassableFiles extends Pick<MachineSpec, "drives" | "memory"> {
  /** The file with the state of a clone. */
  readonly stateFile?: string;
}

/** The same as QEMU is to open them. */
export interface PassedFds {
  readonly drives: readonly Drive[];
  readonly memory?: MemoryFile;
  /** The descriptors of the state in QEMU. */
  readonly state?: StateFds;
}

/**
 * Calls `spawn` with files that QEMU can open as `user`. Without a user, who is then us, or without
 * FFI the drives and the memory are as they were. The state needs FFI.
 *
 * @param spawn starts QEMU before it returns: after that the files are closed here
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
    // QEMU opens this by itself, which the mode of the file allows, while the folder of it does not.
    ...(memory !== undefined &&
      { memory: { ...memory, path: `/proc/self/fd/${pass(openDevice(memory.path))}` } }),
  });
}
