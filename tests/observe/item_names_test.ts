import assert from "node:assert/strict";
import { itemNames } from "../../src/observe/item_names.ts";

Deno.test("the names of items are the part that differs, with a few letters around it", () => {
  const names = ["alpha", "beta"].map((word) => `${"a".repeat(40)} ${word} ${"z".repeat(40)}`);
  const nameOf = itemNames([...names, undefined]);
  for (const [index, word] of ["alpha", "beta"].entries()) {
    assert.match(nameOf(names[index]!), new RegExp(`^….* ${word} .*…$`));
    assert.ok(nameOf(names[index]!).length < 40);
  }
});

Deno.test("short names, and equal ones, stay whole", () => {
  for (const names of [["seq 1", "seq 2"], ["x".repeat(99)], ["x".repeat(99), "x".repeat(99)]]) {
    assert.equal(itemNames(names)(names[0]!), names[0]);
  }
});
