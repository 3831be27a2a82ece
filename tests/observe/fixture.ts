// Made-up records of observed runs, of all kinds.

import { RunnerError } from "../../src/model/errors.ts";
import type { RunEvent, StageResult } from "../../src/model/result.ts";
import type { RunEnd, RunOutline } from "../../src/model/run_observer.ts";
import { recordRuns, type RunSpan } from "../../src/observe/timeline.ts";

/** The start of the runs, in milliseconds since the epoch. */
export const BEGAN_MS: number = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A file that goes through a command on `vm` and a transform into another file. */
export const OUTLINE: RunOutline = {
  source: 'file("in")',
  stages: [
    { runner: "vm", argv: ["wc", "-c"], hostArgv: ["qemu-system-x86_64", "-m", "512"] },
    { runner: "js", argv: ["gzip"] },
  ],
  edges: ["file", "stream", "stream"],
  sink: 'file("out")',
};

/** A result of a stage of `OUTLINE`. */
export function stageResult(index: number, facts: Partial<StageResult> = {}): StageResult {
  const { argv, runner } = OUTLINE.stages[index]!;
  return { argv, runner, code: 0, durationMs: 0, stderrTail: "", ...facts };
}

/** The record of a run with events at these milliseconds. */
export function recorded(
  happened: readonly (readonly [ms: number, event: RunEvent])[],
  [endMs, end]: readonly [ms: number, end: RunEnd],
  outline: RunOutline = OUTLINE,
): RunSpan {
  let nowMs = BEGAN_MS;
  const runs: RunSpan[] = [];
  const watch = recordRuns((run) => runs.push(run), () => nowMs).begin(outline, () => []);
  for (const [ms, event] of happened) {
    nowMs = BEGAN_MS + ms;
    watch.event(event);
  }
  nowMs = BEGAN_MS + endMs;
  watch.end(end);
  return runs[0]!;
}

/** A run of `OUTLINE` that succeeds. */
export function goodRun(): RunSpan {
  const stages = [
    stageResult(0, { bytesIn: 2048, bytesOut: 5, stderrTail: "a warning\n", durationMs: 990 }),
    stageResult(1, { bytesIn: 5, bytesOut: 25, durationMs: 1000 }),
  ];
  return recorded([
    [10, { type: "phase", stage: 0, phase: "preparing" }],
    [10, { type: "start", stage: 0, argv: ["wc", "-c"] }],
    [11, { type: "start", stage: 1, argv: ["gzip"] }],
    [20, { type: "phase", stage: 0, phase: "preparing", detail: "packing the initrd" }],
    [400, { type: "phase", stage: 0, phase: "cloning" }],
    [500, { type: "phase", stage: 0, phase: "running" }],
    [1000, { type: "end", stage: 0, result: stages[0]! }],
    [1010, { type: "end", stage: 1, result: stages[1]! }],
  ], [1020, { result: { ok: true, code: 0, timedOut: false, stages } }]);
}

/** A run with long words, a machine that failed, and much on stderr. */
export function longRun(): RunSpan {
  const word = "x".repeat(300);
  const argv = ["/a/very/long/path/to/a/program", word, "日本語", ...word.slice(0, 40)];
  const outline = {
    source: `file("/${word}")`,
    stages: [
      { runner: "slurm", argv, hostArgv: ["srun", ...argv] },
      { runner: "vm", argv: ["cat"] },
      ...OUTLINE.stages,
    ],
    edges: ["file", "pipe", "pipe", "stream", "stream"],
    sink: `untar("/${word}")`,
  } as const;
  const error = new RunnerError(`cannot boot the guest: ${word}`, {
    runner: "vm",
    phase: "boot",
    argv,
    consoleTail: `${word}\n`.repeat(40),
  });
  const result = { argv, runner: "slurm", code: 1, durationMs: 900, stderrTail: word.repeat(20) };
  return recorded(
    [
      [1, { type: "phase", stage: 0, phase: "queued", detail: word }],
      [400, { type: "phase", stage: 0, phase: "running" }],
      [2, { type: "phase", stage: 1, phase: "template", detail: word }],
      [500, { type: "phase", stage: 1, phase: "ending" }],
      [100_000, { type: "end", stage: 0, result }],
      [100_001, { type: "end", stage: 1, result: stageResult(0, { signal: "SIGKILL" }), error }],
    ],
    [100_500, { error }],
    outline,
  );
}
