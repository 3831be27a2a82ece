// A program that copies between a port and a pipe: JavaScript would have to come back for every 4 KiB that a
// port gives, and every 32 KiB that it takes.

import { type Fd, openForReading, openForWriting } from "../libc/fd.ts";
import { start, type StartedChild } from "../libc/spawn.ts";

const BUSYBOX = "/execvm/busybox";

const DD = ["dd", "bs=1M", "status=none"];

/** Bytes after which it pays to start it: most commands do not say enough to make up for that. */
export const FIRST_BYTES: number = 256 << 10;

// Held open, as a command may have another root by the time that it is needed.
let busybox: Fd | undefined;

/** Opens what copiers need; before the root changes. @throws {SystemError} if it is not there. */
export function prepareCopiers(path: string = BUSYBOX): void {
  busybox = openForReading(path);
}

/** Starts one, with descriptors that may block; they stay the caller's. */
export function startCopier(input: Fd, output: Fd): StartedChild {
  using nowhere = openForWriting("/dev/null");
  const path = `/proc/self/fd/${busybox!.number}`;
  const stdio = { stdin: input, stdout: output, stderr: nowhere };
  return start({ path, argv: DD, environment: [], ...stdio });
}
