// Distinguishes a signal that is sent again, to force the end, from one that is delivered twice at
// once.

import type { SignalName } from "../../libc/signals.ts";

/** Milliseconds within which the same signal again is meant to force the end. */
const AGAIN_MS = 2000;

/**
 * Milliseconds within which it counts as one signal: timeout(1) sends its signal to us and then to
 * our process group, and npm forwards what the terminal has sent to us already.
 */
const ONCE_MS = 200;

/**
 * Returns a function that is called for each signal and tells whether it is a repetition that
 * should kill.
 *
 * @param repeatable the signals of which a repetition kills
 * @param now returns the time in milliseconds
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
