// Files that QEMU may not open as the user that it runs as, but has open from its start.

import { openDevice, openForReading } from "../libc/fd.ts";
import { findLibc } from "../libc/libc.ts";
import type { Drive } from "./drives.ts";
import type { QemuUser } from "./privileges.ts";

/**
 * Calls `spawn` with drives that QEMU can open as `user`. Without a user, who is then us, or without
 * FFI they are as they were.
 *
 * @param spawn starts QEMU before it returns: after that the files are closed here
 * @throws {SystemError} if a file cannot be opened.
 */
export function withLentDrives<T>(
  drives: readonly Drive[],
  user: QemuUser | undefined,
  spawn: (drives: readonly Drive[]) => T,
): T {
  if (user === undefined || findLibc() === undefined) return spawn(drives);
  using opened = new DisposableStack();
  return spawn(drives.map((drive) => {
    const fd = opened.use(drive.write ? openDevice(drive.file) : openForReading(drive.file));
    fd.setInherited();
    return { ...drive, fd: fd.number };
  }));
}
