// Decodes the exit status that a shell or a similar tool passes on for a command it waited for.

import { isFatal, signalName } from "../../libc/signals.ts";
import type { ExitStatus } from "./runner.ts";

/** Real-time signals: 32 and 33 are glibc's own, 64 is the last one. */
const RESERVED = [32, 33];
const LAST_SIGNAL = 64;

/**
 * Returns `{ signal }` for a code of 128+n if signal n can end a process, otherwise `{ code }`. A
 * command that exits with such a code by itself is indistinguishable from one that died.
 */
export function fromShellStatus(code: number): ExitStatus {
  const number = code - 128;
  if (number < 1 || number > LAST_SIGNAL || RESERVED.includes(number)) return { code };
  const signal = signalName(number);
  return isFatal(signal) ? { signal } : { code };
}
