// Describes runs and stages in a few words.

import { printableLines } from "../host/printable.ts";
import { quoteArgv } from "../host/quote.ts";
import { CommandError, messageOf } from "../model/errors.ts";
import { exitCode } from "../model/outcome.ts";
import type { RunEnd, RunOutline } from "../model/run_observer.ts";
import type { RunSpan, StageSpan } from "./timeline.ts";

/** The verdict on a run or stage. */
export type Verdict = "ok" | "failed" | "unknown";

/** Returns whether a run succeeded. */
export function verdictOf({ end }: Pick<RunSpan, "end">): Verdict {
  return "result" in end && end.result.ok ? "ok" : "failed";
}

/** Returns how a run ended, in a few words. */
export function describeEnd(end: RunEnd): string {
  if ("error" in end) return end.error instanceof CommandError ? "failed" : messageOf(end.error);
  const { ok, timedOut, code } = end.result;
  if (timedOut) return `its time was over (${code})`;
  return ok ? "succeeded" : `failed with exit code ${code}`;
}

/** Returns how a stage ended, in a few words. */
export function describeStage(stage: StageSpan | undefined): string {
  if (stage === undefined) return "not started";
  const { error, result } = stage;
  if (error !== undefined) return "runner failed";
  if (result === undefined) return "was ended";
  return result.signal ?? (result.code === undefined ? "was ended" : `exit code ${result.code}`);
}

/**
 * Returns the verdict on a stage. It is `unknown` if the stage did not start, was ended from
 * outside, or was killed by SIGPIPE because its reader needed no more.
 */
export function stageVerdict(stage: StageSpan | undefined): Verdict {
  if (stage === undefined) return "unknown";
  if (stage.error !== undefined) return "failed";
  if (stage.result === undefined || stage.result.signal === "SIGPIPE") return "unknown";
  return exitCode(stage.result) === 0 ? "ok" : "failed";
}

/** Returns the commands of a run as a shell pipeline; its source if there are none. */
export function titleOf({ source, stages }: RunOutline): string {
  if (stages.length === 0) return source;
  return stages.map(({ argv }) => quoteArgv(argv)).join(" | ");
}

/**
 * Returns the failed stages from left to right; first those that failed by themselves, then those
 * that were stopped.
 */
export function failedStages(run: Pick<RunSpan, "stages" | "end">): readonly number[] {
  const failed = run.stages.keys().filter((index) => stageVerdict(run.stages[index]) === "failed");
  const [own, stopped] = [[] as number[], [] as number[]];
  for (const index of failed) (wasStopped(run, run.stages[index]!) ? stopped : own).push(index);
  return [...own, ...stopped];
}

/** Returns whether a stage was killed because its run was ended, by a time limit or an abort. */
export function wasStopped({ end }: Pick<RunSpan, "end">, { error, result }: StageSpan): boolean {
  const { signal } = result ?? {};
  if (error !== undefined || (signal !== "SIGTERM" && signal !== "SIGKILL")) return false;
  return "result" in end ? end.result.timedOut : !(end.error instanceof CommandError);
}

/** Returns the last non-empty line of stderr; `undefined` if there is none. */
export function lastLine(stderrTail: string): string | undefined {
  return printableLines(stderrTail).split("\n").findLast((line) => line.trim() !== "");
}
