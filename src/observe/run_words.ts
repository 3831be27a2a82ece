// How a run and its stages are told of in words.

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
  if (error !== undefined) return "its runner failed";
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

/** The first stage that failed, which is the one that is told of first; undefined if none did. */
export function failedStage({ stages }: Pick<RunSpan, "stages">): number | undefined {
  const failed = stages.findIndex((stage) => stageVerdict(stage) === "failed");
  return failed < 0 ? undefined : failed;
}

/** The last line of stderr that has something on it; undefined if there is none. */
export function lastLine(stderrTail: string): string | undefined {
  return stderrTail.split(/[\r\n]+/).findLast((line) => line.trim() !== "");
}
