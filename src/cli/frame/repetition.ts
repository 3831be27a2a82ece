// Telling a signal that somebody sends again, as waiting is no use, from one that comes twice at once.

import type { SignalName } from "../../libc/signals.ts";

/** Milliseconds in which the same signal again means that waiting is no use. */
const AGAIN_MS = 2000;

/**
 * Milliseconds in which it is the same signal: timeout(1) sends its own to us and then to our group, and npm hands
 * on to us what our terminal has sent us already.
 */
const ONCE_MS = 200;

/**
 * Tells of each signal whether it is one too many.
 *
 * @param repeatable the signals of which that may be said
 * @param now the time in milliseconds
 */
export function repetition<Name extends SignalName>(
  repeatable: readonly Name[],
  now: () => number = () => performance.now(),
): (name: Name) => boolean {
  const lastMs = new Map<Name, number>();
  return (name) => {
    const sinceMs = now() - (lastMs.get(name) ?? -Infinity);
    if (sinceMs < ONCE_MS) return false;
    lastMs.set(name, now());
    return repeatable.includes(name) && sinceMs < AGAIN_MS;
  };
}
