import assert from "node:assert/strict";
import { repetition } from "../../../src/cli/frame/repetition.ts";

/** Whether each of the signals, received at these milliseconds, counts as a repetition. */
function tellOf(times: readonly (readonly ["SIGTERM" | "SIGINT", number])[]): boolean[] {
  let time = 0;
  const isAgain = repetition<"SIGTERM" | "SIGINT">(["SIGTERM"], () => time);
  return times.map(([name, ms]) => {
    time = ms;
    return isAgain(name);
  });
}

Deno.test("repetition() detects the same signal again within 2 s, and no other", () => {
  assert.deepEqual(tellOf([["SIGTERM", 0], ["SIGTERM", 1900]]), [false, true]);
  assert.deepEqual(tellOf([["SIGTERM", 0], ["SIGTERM", 2100]]), [false, false]);
  assert.deepEqual(tellOf([["SIGTERM", 0], ["SIGTERM", 2100], ["SIGTERM", 3000]]).at(-1), true);
  assert.deepEqual(tellOf([["SIGINT", 0], ["SIGINT", 500]]), [false, false]);
  assert.deepEqual(tellOf([["SIGINT", 0], ["SIGTERM", 500]]), [false, false]);
});

Deno.test("repetition() counts a signal delivered twice at once as one, from the first", () => {
  assert.deepEqual(tellOf([["SIGTERM", 0], ["SIGTERM", 0], ["SIGTERM", 150]]), [
    false,
    false,
    false,
  ]);
  assert.deepEqual(tellOf([["SIGTERM", 0], ["SIGTERM", 150], ["SIGTERM", 250]]).at(-1), true);
});
