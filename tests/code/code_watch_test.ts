import assert from "node:assert/strict";
import { CodeWatch } from "../../src/code/code_watch.ts";
import type { CodeResult } from "../../src/model/code_result.ts";
import { toReport } from "../../src/observe/report.ts";
import { recordRuns, type RunSpan } from "../../src/observe/timeline.ts";

const RESULT: CodeResult = {
  exitStatus: 0,
  signal: null,
  stdout: "",
  stderr: "",
  truncated: false,
  timedOut: false,
  oomKilled: false,
  failure: null,
  durationMs: 1,
  outputMode: "diff",
  outputsDir: null,
  outputsTar: null,
  artifacts: [],
  leftOut: [],
  outputsTruncated: false,
  outputsFailure: null,
};

/** The record of code that reports its phases to `onPhase`. */
function recorded(onPhase: (watch: CodeWatch) => void): RunSpan {
  const runs: RunSpan[] = [];
  const watch = new CodeWatch(recordRuns((run) => runs.push(run)));
  watch.begin(["python3", "code.py"]);
  watch.onPhase?.("running");
  onPhase(watch);
  return runs[0]!;
}

Deno.test("code is a run of one stage, with the end of its stderr", () => {
  const run = recorded((watch) => watch.finish({ ...RESULT, exitStatus: 3, stderr: "why\n" }));
  assert.deepEqual(run.outline.stages, [{ runner: "vm", argv: ["python3", "code.py"] }]);
  assert.deepEqual(run.stages[0]!.phases.map(({ phase }) => phase), ["running"]);
  const { code, stderrTail } = run.stages[0]!.result!;
  assert.deepEqual([code, stderrTail], [3, "why\n"]);
  assert.deepEqual("result" in run.end && [run.end.result.ok, run.end.result.code], [false, 3]);
});

Deno.test("code that reached its time limit is reported with the status of timeout(1)", () => {
  const late = { ...RESULT, exitStatus: null, signal: "SIGKILL", timedOut: true } as const;
  const { end } = recorded((watch) => watch.finish(late));
  assert.deepEqual("result" in end && [end.result.code, end.result.timedOut], [124, true]);
});

Deno.test("code that crashes its machine is recorded with the console", () => {
  const run = recorded((watch) => {
    watch.ended("Kernel panic - not syncing");
    watch.finish({ ...RESULT, exitStatus: null, failure: "the guest panicked" });
  });
  assert.match(toReport([run]), /Kernel panic - not syncing/);
  assert.match(toReport([run]), /the guest panicked/);
});

Deno.test("code that cannot be run is reported with the error", () => {
  const error = new Error("no machine");
  const run = recorded((watch) => watch.fail(error));
  assert.deepEqual(run.end, { error });
});
