// From how each stage ended to how the pipeline went.

import { type SignalName, signalNumber } from "../libc/signals.ts";
import { CommandError } from "./errors.ts";
import type { ItemResult, Result, StageResult } from "./result.ts";

/** The exit code that stands for a time limit, as with timeout(1). */
export const TIMEOUT_CODE = 124;

/** The exit code where not a command failed but what is around it, as with timeout(1) and docker(1). */
export const FAILED_CODE = 125;

/** How the pipeline went, and the stage that decided it. */
export interface Outcome {
  readonly result: Result;
  readonly deciding?: StageResult;
}

/** How a pipeline was told to end, if it was. */
export interface ToldToEnd {
  readonly isTimeOver: boolean;
  /** A signal that its commands were sent: items that have not run because of it have failed. */
  readonly ending?: SignalName | undefined;
}

/**
 * The rightmost stage that failed decides. Dying of SIGPIPE is no failure of a stage when the one
 * after it succeeded: it wanted no more. Of a source that is a fan-out the items are asked last, being
 * furthest left.
 */
export function toOutcome(
  stages: readonly StageResult[],
  { isTimeOver: timedOut, ending }: ToldToEnd,
  items?: readonly ItemResult[],
): Outcome {
  const rest = { timedOut, stages, ...(items !== undefined && { items }) };
  if (timedOut) return { result: { ok: false, code: TIMEOUT_CODE, ...rest } };
  const deciding = stages.findLast((stage, index) => hasFailed(stage, stages[index + 1]));
  const code = deciding === undefined ? itemsCode(items ?? [], ending) : exitCode(deciding);
  const result = { ok: code === 0, code, ...rest };
  return deciding === undefined ? { result } : { result, deciding };
}

/** Whether it failed for another reason than a command. */
export function isMachineryFailure({ status, error }: ItemResult): boolean {
  return status === "failed" && !(error instanceof CommandError);
}

/** The code of the first item that failed. */
function itemsCode(items: readonly ItemResult[], ending: SignalName | undefined): number {
  if (items.some(isMachineryFailure)) return FAILED_CODE;
  const failed = items.find(({ status }) => status === "failed");
  if (failed !== undefined) return failed.result?.code ?? FAILED_CODE;
  const hasUnrun = items.some(({ status }) => status === "skipped" || status === "cancelled");
  return ending !== undefined && hasUnrun ? exitCode({ signal: ending }) : 0;
}

/** The exit code of a stage as a shell gives it: 128+n for a death by signal n. */
export function exitCode(status: Pick<StageResult, "code" | "signal">): number {
  return status.signal === undefined ? status.code ?? 0 : 128 + signalNumber(status.signal);
}

/** `next` has not failed, or it would be further right. */
function hasFailed(stage: StageResult, next: StageResult | undefined): boolean {
  if (stage.signal === "SIGPIPE") return next === undefined;
  return exitCode(stage) !== 0;
}
