// What is thrown when items of a fan-out have failed.

import { EndpointError, RunnerError } from "../model/errors.ts";
import { describeFailures } from "../model/item_failures.ts";
import { isMachineryFailure } from "../model/outcome.ts";
import type { ItemResult } from "../model/result.ts";

/** The error that says that something else than a command failed for an item, if it did. */
export function machineryFailure(items: readonly ItemResult[]): unknown {
  const first = items.find(isMachineryFailure);
  if (first === undefined) return undefined;
  const { error } = first;
  const message = describeFailures(items);
  if (error instanceof RunnerError) return new RunnerError(message, { ...error, cause: error });
  if (error instanceof EndpointError) return new EndpointError(message, error.end, error);
  return new Error(message, { cause: error });
}
