// Polls until something becomes true.

import assert from "node:assert/strict";

/**
 * The factor for limits: a loaded machine is slower than any limit that is reasonable for users.
 * With `EXECVM_STRICT_TIMES=1`, on an idle machine, limits apply as given.
 */
const PATIENCE = Deno.env.get("EXECVM_STRICT_TIMES") === "1" ? 1 : 12;

/** Returns how many milliseconds to wait for what should take at most `limitMs`. */
export function patient(limitMs: number): number {
  return limitMs * PATIENCE;
}

/**
 * Calls `probe` until it returns the wanted value; fails after `limitMs`, multiplied by the factor.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  wanted: (value: T) => boolean,
  limitMs: number,
): Promise<T> {
  const deadline = performance.now() + patient(limitMs);
  while (true) {
    const value = await probe();
    if (wanted(value)) return value;
    if (performance.now() > deadline) {
      assert.fail(`not so within ${patient(limitMs)} ms; last seen: ${JSON.stringify(value)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
