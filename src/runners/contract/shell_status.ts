// The exit status of a command that somebody else waited for, as shells and their like pass it on.

import { isFatal, signalName } from "../../libc/signals.ts";
import type { ExitStatus } from "./runner.ts";

/** Real-time signals: 32 and 33 are glibc's own, 64 is the last one. */
const RESERVED = [32, 33];
const LAST_SIGNAL = 64;

/**
 * A code of 128+n is the death by signal n, where that is one that ends processes. A command that exits
 * with such a code by itself cannot be told from one that died.
 */
export function fromShellStatus(code: number): ExitStatus {
  const number = code - 128;
  if (number < 1 || number > LAST_SIGNAL || RESERVED.includes(number)) return { code };
  const signal = signalName(number);
  return isFatal(signal) ? { signal } : { code };
}
