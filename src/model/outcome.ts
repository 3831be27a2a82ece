// Derives the result of a pipeline from the results of its stages.

import { type SignalName, signalNumber } from "../libc/signals.ts";
import { CommandError } from "./errors.ts";
import type { ItemResult, Result, StageResult } from "./result.ts";

/** The exit code after a time limit, as with timeout(1). */
export const TIMEOUT_CODE = 124;

/**
 * The exit code if a runner, source or sink failed, not a command; as with timeout(1) and
 * docker(1).
 */
export const FAILED_CODE = 125;

/** The result of a pipeline, and the failed stage that set its code. */
export interface Outcome {
  readonly result: Result;
  readonly deciding?: StageResult;
}

/** Why a pipeline was ended from outside, if it was. */
export interface ToldToEnd {
  readonly isTimeOver: boolean;
  /** A signal that its commands were sent. Items that did not run because of it count as failed. */
  readonly ending?: SignalName | undefined;
}

/**
 * Returns the result of a pipeline. The rightmost failed stage sets the code. A stage that was
 * killed by SIGPIPE has not failed if the next stage succeeded, because that needed no more input.
 * The items of a fan-out are the leftmost, so they set the code only if no stage failed. Code that
 * reached its own time limit sets `timedOut`, if it decides.
 */
export function toOutcome(
  stages: readonly StageResult[],
  { isTimeOver: timedOut, ending }: ToldToEnd,
  items?: readonly ItemResult[],
): Outcome {
  const more = { stages, ...(items !== undefined && { items }) };
  if (timedOut) return { result: { ok: false, code: TIMEOUT_CODE, timedOut, ...more } };
  const deciding = stages.findLast((stage, index) => hasFailed(stage, stages[index + 1]));
  const rest = { timedOut: deciding?.codeResult?.timedOut === true, ...more };
  const code = deciding === undefined ? itemsCode(items ?? [], ending) : exitCode(deciding);
  const result = { ok: code === 0, code, ...rest };
  return deciding === undefined ? { result } : { result, deciding };
}

/** Returns whether an item failed for another reason than a command. */
export function isMachineryFailure({ status, error }: ItemResult): boolean {
  return status === "failed" && !(error instanceof CommandError);
}

/** Returns the code of the first failed item. */
function itemsCode(items: readonly ItemResult[], ending: SignalName | undefined): number {
  if (items.some(isMachineryFailure)) return FAILED_CODE;
  const failed = items.find(({ status }) => status === "failed");
  if (failed !== undefined) return failed.result?.code ?? FAILED_CODE;
  const hasUnrun = items.some(({ status }) => status === "skipped" || status === "cancelled");
  return ending !== undefined && hasUnrun ? exitCode({ signal: ending }) : 0;
}

/** Returns the exit code of a stage as a shell reports it: 128+n after signal n. */
export function exitCode(status: Pick<StageResult, "code" | "signal">): number {
  return status.signal === undefined ? status.code ?? 0 : 128 + signalNumber(status.signal);
}

/** Returns whether a stage failed. `next` did not fail, or the search would have ended there. */
function hasFailed(stage: StageResult, next: StageResult | undefined): boolean {
  if (stage.signal === "SIGPIPE") return next === undefined;
  return exitCode(stage) !== 0;
}
