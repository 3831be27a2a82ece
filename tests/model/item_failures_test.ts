import assert from "node:assert/strict";
import type { ItemResult, ItemStatus, Json } from "../../mod.ts";
import { describeFailures } from "../../src/model/item_failures.ts";

function items(...list: readonly (readonly [ItemStatus, Json?, string?])[]): ItemResult[] {
  return list.map(([status, item, message], index) => ({
    index,
    status,
    attempts: 1,
    durationMs: 0,
    ...(item !== undefined && { item }),
    ...(message !== undefined && { error: new Error(message) }),
  }));
}

Deno.test("describeFailures() names the item and the first line of the reason", () => {
  const given = items(["succeeded", "a"], ["failed", { n: 1 }, "it exited with code 3:\nstderr"]);
  assert.equal(
    describeFailures(given),
    '1 of 2 items failed: item 1 ({"n":1}): it exited with code 3',
  );
});

Deno.test("describeFailures() names three and counts the others", () => {
  const given = items(...Array(5).fill(["failed", undefined, "no"]));
  assert.equal(
    describeFailures(given),
    "5 of 5 items failed: item 0: no; item 1: no; item 2: no; and 2 more",
  );
});

Deno.test("describeFailures() counts items that did not finish, and cuts long ones", () => {
  const given = items(["failed", "x".repeat(100), "no"], ["cancelled"], ["skipped"]);
  assert.equal(
    describeFailures(given),
    `1 of 3 items failed (2 did not finish): item 0 ("${"x".repeat(39)}..): no`,
  );
  assert.equal(
    describeFailures(items(["skipped"])),
    "0 of 1 items failed (1 did not finish)",
  );
});
