// Waiting for something to become true, without knowing when.

import assert from "node:assert/strict";

/** Looks again and again until `probe` gives what is wanted; fails after `limitMs`. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  wanted: (value: T) => boolean,
  limitMs: number,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  while (true) {
    const value = await probe();
    if (wanted(value)) return value;
    if (performance.now() > deadline) {
      assert.fail(`not so within ${limitMs} ms; last seen: ${JSON.stringify(value)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
