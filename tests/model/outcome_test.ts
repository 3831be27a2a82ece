import assert from "node:assert/strict";
import type { SignalName, StageResult } from "../../mod.ts";
import { exitCode, toOutcome } from "../../src/model/outcome.ts";

function stage(end: number | SignalName): StageResult {
  const status = typeof end === "number" ? { code: end } : { signal: end };
  return { argv: ["x"], runner: "local", ...status, durationMs: 0, stderrTail: "" };
}

const CASES: readonly [readonly (number | SignalName)[], number][] = [
  [[0], 0],
  [[0, 0, 0], 0],
  [[], 0],
  [[3], 3],
  [[3, 0], 3],
  [[3, 4, 0], 4],
  [["SIGKILL"], 137],
  [["SIGTERM", 0], 143],
  [["SIGPIPE", 0], 0],
  [["SIGPIPE", "SIGPIPE", 0], 0],
  [["SIGPIPE", 1], 1],
  [["SIGPIPE", "SIGPIPE"], 141],
  [[2, "SIGPIPE", 0], 2],
  [["SIGPIPE"], 141],
  [[0, "SIGSEGV", 7], 7],
];

for (const [ends, code] of CASES) {
  Deno.test(`stages that end with ${JSON.stringify(ends)} give ${code}`, () => {
    const { result, deciding } = toOutcome(ends.map(stage), { isTimeOver: false });
    assert.deepEqual([result.code, result.ok, deciding === undefined], [
      code,
      code === 0,
      code === 0,
    ]);
  });
}

Deno.test("a time limit gives 124 whatever the stages report", () => {
  assert.deepEqual(toOutcome([stage(0), stage("SIGTERM")], { isTimeOver: true }).result.code, 124);
});

Deno.test("the code after signal n is 128+n", () => {
  assert.equal(exitCode({ signal: "SIGHUP" }), 129);
  assert.equal(exitCode({ signal: "SIGRTMIN+1" }), 163);
});
