// Starts a program that copies between a port and a pipe: JavaScript would need a turn of the loop
// for every 4 KiB that a port delivers, and every 32 KiB that it accepts.

import { type Fd, openForReading, openForWriting } from "../libc/fd.ts";
import { start, type StartedChild } from "../libc/spawn.ts";

const BUSYBOX = "/execvm/busybox";

const DD = ["dd", "bs=1M", "status=none"];

/** Bytes after which a copier pays off: most commands write less, and starting it costs time. */
export const FIRST_BYTES: number = 256 << 10;

// Held open, as the root may have changed by the time that it is needed.
let busybox: Fd | undefined;

/**
 * Opens the copier's program; must run before the root changes.
 *
 * @throws {SystemError} if it is missing.
 */
export function prepareCopiers(path: string = BUSYBOX): void {
  busybox = openForReading(path);
}

/** The path of busybox, whatever the root has; the name that it is started by is the applet. */
export function busyboxPath(): string {
  return `/proc/self/fd/${busybox!.number}`;
}

/**
 * Starts a process that copies from `input` to `output` until the end of the input.
 *
 * @param input must be blocking; stays the caller's
 * @param output must be blocking; stays the caller's
 */
export function startCopier(input: Fd, output: Fd): StartedChild {
  using nowhere = openForWriting("/dev/null");
  const path = busyboxPath();
  const stdio = { stdin: input, stdout: output, stderr: nowhere };
  return start({ path, argv: DD, environment: [], ...stdio });
}
