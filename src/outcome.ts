// From how each stage ended to how the pipeline went.

import type { Result, StageResult } from "./result.ts";
import { signalNumber } from "./libc/signals.ts";

/** The exit code that stands for a time limit, as with timeout(1). */
export const TIMEOUT_CODE = 124;

/** How the pipeline went, and the stage that decided it. */
export interface Outcome {
  readonly result: Result;
  readonly deciding?: StageResult;
}

/**
 * The rightmost stage that failed decides. Dying of SIGPIPE is no failure of a stage when the one
 * after it succeeded: it wanted no more.
 */
export function toOutcome(stages: readonly StageResult[], timedOut: boolean): Outcome {
  if (timedOut) return { result: { ok: false, code: TIMEOUT_CODE, timedOut, stages } };
  const deciding = stages.findLast((stage, index) => hasFailed(stage, stages[index + 1]));
  const code = deciding === undefined ? 0 : exitCode(deciding);
  const result = { ok: deciding === undefined, code, timedOut, stages };
  return deciding === undefined ? { result } : { result, deciding };
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
