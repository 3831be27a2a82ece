// Waiting for something to become true, without knowing when.

import assert from "node:assert/strict";

/**
 * What a limit is multiplied with: a machine that does much else at once is slower than any limit that is
 * worth telling a user. With `EXECVM_STRICT_TIMES=1`, on a quiet machine, limits are what they say.
 */
const PATIENCE = Deno.env.get("EXECVM_STRICT_TIMES") === "1" ? 1 : 12;

/** Milliseconds to wait before what should take at most `limitMs` has failed. */
export function patient(limitMs: number): number {
  return limitMs * PATIENCE;
}

/** Looks again and again until `probe` gives what is wanted; fails after `limitMs`, patiently. */
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
