import assert from "node:assert/strict";
import { toTrace } from "../../src/observe/trace.ts";
import { checkTrace } from "./check_trace.ts";
import { goodRun, recorded } from "./fixture.ts";

Deno.test("a trace has a process per run, and a thread with its phases per stage", () => {
  const { traceEvents } = checkTrace(JSON.stringify(toTrace([goodRun(), goodRun()])));
  const spans = traceEvents.filter(({ ph }) => ph === "X");
  const ofFirst = spans.filter(({ pid }) => pid === 1);
  assert.deepEqual(ofFirst.map(({ tid, name, ts, dur }) => [tid, name, ts, dur]), [
    [0, "wc -c | gzip", 0, 1_020_000],
    [1, "wc", 10_000, 990_000],
    [1, "preparing", 10_000, 390_000],
    [1, "cloning", 400_000, 100_000],
    [1, "running", 500_000, 500_000],
    [2, "gzip", 10_000, 1_000_000],
  ]);
  assert.equal(spans.length, 2 * ofFirst.length);
});

Deno.test("a trace has argv, runner, status and bytes of a stage", () => {
  const { traceEvents } = checkTrace(JSON.stringify(toTrace([goodRun()])));
  assert.deepEqual(traceEvents.find(({ name }) => name === "wc")!.args, {
    argv: ["wc", "-c"],
    runner: "vm",
    end: "exit code 0",
    code: 0,
    bytesIn: 2048,
    bytesOut: 5,
    stderrTail: "a warning\n",
  });
});

Deno.test("a trace without runs, or of a run that failed at once, is valid", () => {
  checkTrace(JSON.stringify(toTrace([])));
  const failed = recorded([], [1, { error: new Error("there is no such file") }]);
  const { traceEvents } = checkTrace(JSON.stringify(toTrace([failed])));
  assert.equal(traceEvents.at(-1)!.args["end"], "there is no such file");
});
