import assert from "node:assert/strict";
import { pickGiven } from "../../src/model/pick_given.ts";

Deno.test("pickGiven() picks the options with the given names that are set, also to false and 0", () => {
  const options: { a?: number; b?: boolean; c?: string | undefined; d?: string } = {
    a: 0,
    b: false,
    c: undefined,
    d: "not asked for",
  };
  assert.deepEqual(pickGiven(options, { a: true, b: true, c: true }), { a: 0, b: false });
  assert.deepEqual(pickGiven({}, {}), {});
});
