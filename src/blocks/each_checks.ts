// Validates the settings and items of a fan-out.

import type { EachSettings, Json, RetryReason, RetrySettings } from "../model/nodes.ts";
import { type CountRange, requireCount, TIMER_RANGE } from "../model/require_count.ts";

const SETTINGS = ["concurrency", "retry", "itemTimeoutMs", "failFast"];
const RETRY_WORDS: readonly unknown[] = ["runner", "command", "timeout"];

const ACTION = "run a pipeline for each item";

/** The ranges of the numeric settings. */
export const EACH_RANGES = {
  concurrency: {},
  "retry.times": { least: 0 },
  itemTimeoutMs: TIMER_RANGE,
} as const satisfies Record<string, CountRange>;

/**
 * Returns the settings in the order of the JSON form.
 *
 * @throws {TypeError} if a setting is unknown or has the wrong type.
 * @throws {RangeError} if a number is out of range.
 */
export function requireEachSettings(settings: EachSettings): EachSettings {
  const { concurrency, retry, itemTimeoutMs, failFast } = settings;
  const unknown = Object.keys(settings).find((name) => !SETTINGS.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`cannot use ${unknown}: each() has no such option`);
  }
  requireCount(ACTION, { itemTimeoutMs }, EACH_RANGES.itemTimeoutMs);
  requireCount(ACTION, { concurrency }, EACH_RANGES.concurrency);
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(retry !== undefined && { retry: requireRetry(retry) }),
    ...(itemTimeoutMs !== undefined && { itemTimeoutMs }),
    ...(failFast !== undefined && { failFast }),
  };
}

function requireRetry({ times, on }: RetrySettings): RetrySettings {
  if (times === undefined) throw new TypeError(`cannot ${ACTION} with retry: it has no times`);
  requireCount(ACTION, { "retry.times": times }, EACH_RANGES["retry.times"]);
  const wrong = on?.find((reason) => !isRetryReason(reason));
  if (wrong === undefined) return { times, ...(on !== undefined && { on: [...on] }) };
  throw new TypeError(
    `cannot retry on ${JSON.stringify(wrong)}: it must be one of ${
      RETRY_WORDS.join(", ")
    }, 1 to 255`,
  );
}

function isRetryReason(reason: RetryReason): boolean {
  if (typeof reason !== "number") return RETRY_WORDS.includes(reason);
  return Number.isInteger(reason) && reason >= 1 && reason <= 255;
}

/** Returns a deep copy of an item. @throws {TypeError} if JSON cannot represent it. */
export function toJsonCopy(value: unknown, index: number): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((part) => toJsonCopy(part, index));
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    const fields = Object.entries(value).map(([name, part]) => [name, toJsonCopy(part, index)]);
    return Object.fromEntries(fields);
  }
  throw new TypeError(`cannot take item ${index}: JSON cannot represent ${String(value)} in it`);
}
