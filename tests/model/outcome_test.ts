import assert from "node:assert/strict";
import {
  type CodeStageResult,
  CommandError,
  type SignalName,
  type StageResult,
} from "../../mod.ts";
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

const CODE: CodeStageResult = {
  exitStatus: null,
  signal: "SIGKILL",
  timedOut: true,
  oomKilled: false,
  failure: null,
  durationMs: 0,
  outputMode: "diff",
  outputsDir: null,
  outputsTar: null,
  artifacts: [],
  leftOut: [],
  outputsTruncated: false,
  outputsFailure: null,
};

Deno.test("code that reached its time limit sets timedOut, if it decides the code", () => {
  const [code, after] = [{ ...stage(124), codeResult: CODE }, stage(3)];
  const { result, deciding } = toOutcome([code], { isTimeOver: false });
  assert.deepEqual([result.code, result.timedOut, deciding], [124, true, code]);
  assert.equal(toOutcome([code, after], { isTimeOver: false }).result.timedOut, false);
});

Deno.test("the error of code has its reason", () => {
  const reasonOf = (facts: Partial<CodeStageResult>) => {
    const ended = { ...stage(1), codeResult: { ...CODE, timedOut: false, ...facts } };
    const { result, deciding } = toOutcome([ended], { isTimeOver: false });
    return new CommandError(result, deciding).message.replace(/^.*? code 1/, "");
  };
  assert.deepEqual(
    [
      reasonOf({}),
      reasonOf({ timedOut: true }),
      reasonOf({ oomKilled: true }),
      reasonOf({ failure: "cannot run the command: the guest panicked" }),
      reasonOf({ outputsFailure: "the disk is full" }),
    ],
    [
      "",
      ": it reached its time limit",
      ": it ran out of memory: raise memoryMib",
      ": its machine failed: the guest panicked",
      ": its outputs are lost: the disk is full",
    ],
  );
});
