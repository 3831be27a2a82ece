import assert from "node:assert/strict";
import { requireCount } from "../../src/model/require_count.ts";

Deno.test("requireCount() takes whole numbers in the range, and undefined", () => {
  requireCount("count", { a: 1, b: undefined, c: Number.MAX_SAFE_INTEGER });
  requireCount("count", { a: 0, b: 9 }, { least: 0, most: 9 });
});

Deno.test("requireCount() refuses values that are not numbers, also those that JSON cannot write", () => {
  for (const [value, written] of [[1n, "1n"], [Symbol("s"), "Symbol(s)"]]) {
    const message = `cannot count with n ${written as string}: it must be a whole number from 1`;
    assert.throws(() => requireCount("count", { n: value }), { name: "RangeError", message });
  }
});

for (const value of [0, -1, 1.5, NaN, Infinity, "2", null, 10]) {
  Deno.test(`requireCount() rejects ${JSON.stringify(value)}, ${typeof value}`, () => {
    const written = typeof value === "number" ? `${value}` : JSON.stringify(value);
    const message = `cannot count with n ${written}: it must be a whole number from 1 to 9`;
    assert.throws(() => requireCount("count", { n: value }, { most: 9 }), {
      name: "RangeError",
      message,
    });
  });
}
