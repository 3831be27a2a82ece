import assert from "node:assert/strict";
import { BEGAN_MS, goodRun, OUTLINE, recorded, stageResult } from "./fixture.ts";

const times = ({ startMs, endMs }: { startMs: number; endMs: number }) => [
  startMs - BEGAN_MS,
  endMs - BEGAN_MS,
];

Deno.test("a stage lasts from its first event to its end, and a phase until the next one", () => {
  const [first, second] = goodRun().stages;
  assert.deepEqual([times(first!), times(second!)], [[10, 1000], [10, 1010]]);
  assert.deepEqual(first!.phases.map((phase) => [phase.phase, ...times(phase)]), [
    ["preparing", 10, 400],
    ["cloning", 400, 500],
    ["running", 500, 1000],
  ]);
});

Deno.test("a phase that is reported again continues, with another detail", () => {
  assert.deepEqual(goodRun().stages[0]!.phases[0]!.details, ["packing the initrd"]);
});

Deno.test("bytes are those of the result, because they are only known at the end", () => {
  assert.deepEqual(goodRun().stages.map((stage) => stage!.bytes), [
    { bytesIn: 2048, bytesOut: 5 },
    { bytesIn: 5, bytesOut: 25 },
  ]);
});

Deno.test("a run that fails before anything starts has no stages", () => {
  const run = recorded([], [5, { error: new Error("there is no such file") }]);
  assert.deepEqual(run.stages, OUTLINE.stages.map(() => undefined));
  assert.deepEqual(times(run), [0, 5]);
});

Deno.test("a stage whose end was not reported ends with the run", () => {
  const run = recorded([[3, { type: "start", stage: 0, argv: [] }]], [9, { error: new Error("") }]);
  assert.deepEqual(times(run.stages[0]!), [3, 9]);
  assert.equal(run.stages[0]!.result, undefined);
});

Deno.test("a stage begins when its start was requested, if its first event came later", () => {
  const result = stageResult(0, { durationMs: 40 });
  const run = recorded([
    [45, { type: "start", stage: 0, argv: [] }],
    [50, { type: "end", stage: 0, result }],
  ], [60, { error: new Error("") }]);
  assert.deepEqual(times(run.stages[0]!), [10, 50]);
});

Deno.test("no stage begins before its run", () => {
  const result = stageResult(0, { durationMs: 7 });
  const event = { type: "end", stage: 0, result } as const;
  assert.deepEqual(times(recorded([[5, event]], [6, { error: "" }]).stages[0]!), [0, 5]);
});
