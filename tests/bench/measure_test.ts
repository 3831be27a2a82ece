import assert from "node:assert/strict";
import { median, ratio, roundRobin, spread } from "./measure.ts";
import { type Row, toResult } from "./row.ts";
import { alignColumns, formatNumber, renderRow } from "./table.ts";

const ROW: Row = {
  name: "demo",
  title: "a demonstration",
  unit: "ms",
  rounds: 3,
  baseline: "slow",
  contenders: [],
  targets: [
    { contender: "quick", against: "slow", limit: { atMost: 0.5 } },
    { contender: "slow", limit: { atLeast: 25 } },
  ],
};

const SAMPLES = new Map([["slow", [10, 20, 40]], ["quick", [4, 10, 100]]]);

Deno.test("median() is the middle of an odd number of samples, in any order", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([7]), 7);
});

Deno.test("median() is the mean of the two middle ones of an even number of samples", () => {
  assert.equal(median([4, 1, 3, 100]), 3.5);
});

Deno.test("median() rejects an empty list of samples", () => {
  assert.throws(() => median([]), RangeError);
});

Deno.test("spread() compares samples as numbers", () => {
  assert.deepEqual(spread([10, 9, 100]), { min: 9, median: 10, max: 100 });
});

Deno.test("ratio() compares within each round, so that a slow round cancels out", () => {
  assert.equal(ratio([2, 20, 2], [1, 10, 1]), 2);
  assert.equal(ratio([1, 100, 3], [10, 50, 6]), 0.5);
});

Deno.test("ratio() rejects different numbers of samples", () => {
  assert.throws(() => ratio([1, 2], [1]), RangeError);
});

Deno.test("roundRobin() runs the contenders in turn, and drops the first round", async () => {
  const turns: string[] = [];
  const contender = (name: string) => ({
    name,
    measure: () => Promise.resolve(turns.push(name)),
  });
  const samples = await roundRobin([contender("a"), contender("b")], 2);
  assert.equal(turns.join(" "), "a b a b a b");
  assert.deepEqual([...samples], [["a", [3, 5]], ["b", [4, 6]]]);
});

Deno.test("roundRobin() ends when a contender fails", async () => {
  const broken = { name: "broken", measure: () => Promise.reject(new Error("wrong output")) };
  await assert.rejects(roundRobin([broken], 2), /wrong output/);
});

Deno.test("toResult() compares targets with the ratio within rounds, or with the median", () => {
  const { lines, targets } = toResult(ROW, SAMPLES);
  assert.deepEqual(lines.map(({ name, ratio }) => [name, ratio]), [["slow", 1], ["quick", 0.5]]);
  assert.deepEqual(targets.map(({ value, met }) => [value, met]), [[0.5, true], [20, false]]);
});

Deno.test("toResult() rejects a baseline that is not among the contenders", () => {
  assert.throws(() => toResult({ ...ROW, baseline: "gone" }, SAMPLES), /"gone"/);
});

Deno.test("renderRow() prints a line for the title, each contender and each target", () => {
  assert.equal(
    renderRow(toResult(ROW, SAMPLES)),
    [
      "demo: a demonstration (ms, less is better; 3 rounds)",
      "  contender   min  median   max  ratio",
      "  slow       10.0    20.0  40.0  1.00x",
      "  quick      4.00    10.0   100  0.50x",
      "  to reach: quick at most 0.5x of slow: 0.50x, met",
      "  to reach: slow at least 25 ms: 20.0 ms, NOT MET",
    ].join("\n"),
  );
});

Deno.test("alignColumns() of nothing is nothing", () => {
  assert.deepEqual(alignColumns([]), []);
});

Deno.test("formatNumber() keeps about three digits", () => {
  const table = [[1234.5, "1235"], [99.94, "99.9"], [2.345, "2.35"], [0.5, "0.50"], [
    0.04,
    "0.040",
  ]];
  for (const [value, text] of table) assert.equal(formatNumber(value as number), text);
});
