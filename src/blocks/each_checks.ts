// What fan-outs may be made of.

import type { EachSettings, Json, RetryReason, RetrySettings } from "../model/nodes.ts";

const SETTINGS = ["concurrency", "retry", "itemTimeoutMs", "failFast"];
const RETRY_WORDS: readonly unknown[] = ["runner", "command", "timeout"];

/** The longest time that timers can wait, in milliseconds: 2^31 - 1. */
export const MAX_TIMEOUT_MS: number = 2 ** 31 - 1;

/** The settings, in the order of the JSON form. @throws {TypeError | RangeError} if one is wrong. */
export function requireEachSettings(settings: EachSettings): EachSettings {
  const { concurrency, retry, itemTimeoutMs, failFast } = settings;
  const unknown = Object.keys(settings).find((name) => !SETTINGS.includes(name));
  if (unknown !== undefined) throw new TypeError(`Cannot use ${unknown} as each() has none`);
  if (itemTimeoutMs !== undefined && !(itemTimeoutMs > 0 && itemTimeoutMs <= MAX_TIMEOUT_MS)) {
    throw new RangeError(`Cannot limit an item to ${itemTimeoutMs} ms as it is not above 0`);
  }
  return {
    ...(concurrency !== undefined && {
      concurrency: requireCount(concurrency, 1, "run so many items at once"),
    }),
    ...(retry !== undefined && { retry: requireRetry(retry) }),
    ...(itemTimeoutMs !== undefined && { itemTimeoutMs }),
    ...(failFast !== undefined && { failFast }),
  };
}

function requireRetry({ times, on }: RetrySettings): RetrySettings {
  requireCount(times, 0, "run an item again so often");
  const wrong = on?.find((reason) => !isRetryReason(reason));
  if (wrong === undefined) return { times, ...(on !== undefined && { on: [...on] }) };
  throw new TypeError(
    `Cannot retry on ${JSON.stringify(wrong)} as it is none of ${RETRY_WORDS.join(", ")}, 1 to 255`,
  );
}

function isRetryReason(reason: RetryReason): boolean {
  if (typeof reason !== "number") return RETRY_WORDS.includes(reason);
  return Number.isInteger(reason) && reason >= 1 && reason <= 255;
}

function requireCount(value: number, least: number, verb: string): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`Cannot ${verb} as it is no whole number from ${least} on: ${value}`);
}

/** A copy of an item that nobody else has. @throws {TypeError} if it is nothing that JSON can hold. */
export function toJsonCopy(value: unknown, index: number): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((part) => toJsonCopy(part, index));
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    const fields = Object.entries(value).map(([name, part]) => [name, toJsonCopy(part, index)]);
    return Object.fromEntries(fields);
  }
  throw new TypeError(`Cannot take item ${index} as JSON cannot hold ${String(value)} in it`);
}
