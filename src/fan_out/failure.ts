// The error that is thrown if items of a fan-out failed for another reason than a command.

import { EndpointError, RunnerError } from "../model/errors.ts";
import { describeFailures } from "../model/item_failures.ts";
import { isMachineryFailure } from "../model/outcome.ts";
import type { ItemResult } from "../model/result.ts";

/**
 * Returns the error for the first item that failed for another reason than a command; else
 * `undefined`.
 */
export function machineryFailure(items: readonly ItemResult[]): unknown {
  const first = items.find(isMachineryFailure);
  if (first === undefined) return undefined;
  const { error } = first;
  const message = describeFailures(items);
  if (error instanceof RunnerError) return new RunnerError(message, { ...error, cause: error });
  if (error instanceof EndpointError) return new EndpointError(message, error.end, error);
  return new Error(message, { cause: error });
}
