// Decides whether a failed item is run again. Pure.

import { CommandError, RunnerError } from "../model/errors.ts";
import type { RetryReason, RetrySettings } from "../model/nodes.ts";

/** Returns whether an item that failed with `error` is run again. */
export function isRetried(
  error: unknown,
  attempts: number,
  { times, on = ["runner"] }: RetrySettings = { times: 0 },
): boolean {
  return attempts <= times && on.some((reason) => fits(reason, error));
}

function fits(reason: RetryReason, error: unknown): boolean {
  if (error instanceof RunnerError) return reason === "runner";
  if (!(error instanceof CommandError)) return false;
  return reason === (error.timedOut ? "timeout" : "command") || reason === error.code;
}
