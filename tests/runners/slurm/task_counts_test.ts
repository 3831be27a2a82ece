import assert from "node:assert/strict";
import { expandCounts } from "../../../src/runners/slurm/task_counts.ts";

const COUNTS: readonly (readonly [string, readonly number[]])[] = [
  ["1", [0]],
  ["2,1", [0, 0, 1]],
  ["2(x2),1", [0, 0, 1, 1, 2]],
  ["1(x3)", [0, 1, 2]],
];

for (const [text, nodes] of COUNTS) {
  Deno.test(`expandCounts() expands ${text}`, () => {
    assert.deepEqual(expandCounts(text), nodes);
  });
}
