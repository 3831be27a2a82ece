import assert from "node:assert/strict";
import { inLanes, type Job } from "./lanes.ts";

/**
 * Makes jobs that record their start and end, and take one turn of the event loop for each unit of
 * length.
 */
function noted(lengths: readonly [key: string, length: number][]) {
  const notes: string[] = [];
  const jobs: Job<string>[] = lengths.map(([key, length], index) => ({
    key,
    async run() {
      notes.push(`+${index}`);
      for (let turn = 0; turn < length; turn++) await Promise.resolve();
      notes.push(`-${index}`);
      return `${key}${index}`;
    },
  }));
  return { jobs, notes };
}

Deno.test("inLanes() runs as many jobs at a time as there are lanes, and returns the results in order", async () => {
  const { jobs, notes } = noted([["a", 90], ["b", 10], ["c", 10]]);
  assert.deepEqual(await inLanes(jobs, 2), ["a0", "b1", "c2"]);
  assert.deepEqual(notes, ["+0", "+1", "-1", "+2", "-2", "-0"]);
});

Deno.test("inLanes() never runs two jobs with the same key at a time", async () => {
  const { jobs, notes } = noted([["a", 50], ["a", 10], ["b", 10]]);
  await inLanes(jobs, 2);
  assert.deepEqual(notes, ["+0", "+2", "-2", "-0", "+1", "-1"]);
});

Deno.test("inLanes() rejects with the error of a job", async () => {
  const job = { key: "a", run: () => Promise.reject(new Error("no")) };
  await assert.rejects(inLanes([job], 2), { message: "no" });
});
