// How a run and its stages are told of in words.

import { printableLines } from "../host/printable.ts";
import { quoteArgv } from "../host/quote.ts";
import { CommandError, messageOf } from "../model/errors.ts";
import { exitCode } from "../model/outcome.ts";
import type { RunEnd, RunOutline } from "../model/run_observer.ts";
import type { RunSpan, StageSpan } from "./timeline.ts";

/** How something went. */
export type Verdict = "ok" | "failed" | "unknown";

/** Whether a run succeeded. */
export function verdictOf({ end }: Pick<RunSpan, "end">): Verdict {
  return "result" in end && end.result.ok ? "ok" : "failed";
}

/** How a run ended, in a few words. */
export function describeEnd(end: RunEnd): string {
  if ("error" in end) return end.error instanceof CommandError ? "failed" : messageOf(end.error);
  const { ok, timedOut, code } = end.result;
  if (timedOut) return `its time was over (${code})`;
  return ok ? "succeeded" : `failed with exit code ${code}`;
}

/** How a stage ended, in a few words. */
export function describeStage(stage: StageSpan | undefined): string {
  if (stage === undefined) return "not started";
  const { error, result } = stage;
  if (error !== undefined) return "runner failed";
  if (result === undefined) return "was ended";
  return result.signal ?? (result.code === undefined ? "was ended" : `exit code ${result.code}`);
}

/**
 * How a stage went. `unknown`: it did not start, it was ended before its own end, or it died of SIGPIPE, as its
 * reader wanted no more.
 */
export function stageVerdict(stage: StageSpan | undefined): Verdict {
  if (stage === undefined) return "unknown";
  if (stage.error !== undefined) return "failed";
  if (stage.result === undefined || stage.result.signal === "SIGPIPE") return "unknown";
  return exitCode(stage.result) === 0 ? "ok" : "failed";
}

/** The commands of a run, as a shell would have them; its source if there are none. */
export function titleOf({ source, stages }: RunOutline): string {
  if (stages.length === 0) return source;
  return stages.map(({ argv }) => quoteArgv(argv)).join(" | ");
}

/** The stages that failed, from left to right; those that were stopped come after those that failed by themselves. */
export function failedStages(run: Pick<RunSpan, "stages" | "end">): readonly number[] {
  const failed = run.stages.keys().filter((index) => stageVerdict(run.stages[index]) === "failed");
  const [own, stopped] = [[] as number[], [] as number[]];
  for (const index of failed) (wasStopped(run, run.stages[index]!) ? stopped : own).push(index);
  return [...own, ...stopped];
}

/** Whether a stage died as its run was ended: its time was over, or it was called off. */
export function wasStopped({ end }: Pick<RunSpan, "end">, { error, result }: StageSpan): boolean {
  const { signal } = result ?? {};
  if (error !== undefined || (signal !== "SIGTERM" && signal !== "SIGKILL")) return false;
  return "result" in end ? end.result.timedOut : !(end.error instanceof CommandError);
}

/** The last line of stderr that has something on it; undefined if there is none. */
export function lastLine(stderrTail: string): string | undefined {
  return printableLines(stderrTail).split("\n").findLast((line) => line.trim() !== "");
}
