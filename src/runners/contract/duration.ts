// Parses durations such as `30s` or `1.5m`.

import { MAX_TIMER_MS } from "../../model/require_count.ts";

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const MAX_HOURS = Math.floor(MAX_TIMER_MS / UNITS_MS["h"]!);

/**
 * Returns the milliseconds, rounded up, of `30s`, `1.5m`, `200ms` or `2h`; a bare number is in
 * seconds, as with timeout(1).
 *
 * @throws {SyntaxError} if it has another form, is not above zero, or is longer than a timer can
 * wait.
 */
export function parseDuration(text: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const milliseconds = Math.ceil(Number(number) * (UNITS_MS[unit] ?? NaN));
  if (milliseconds > MAX_TIMER_MS) {
    throw new SyntaxError(`"${text}" is longer than ${MAX_HOURS}h, the most that a timer can wait`);
  }
  if (milliseconds > 0) return milliseconds;
  throw new SyntaxError(`"${text}" is not a duration such as 30s, 200ms, 5m or 1h`);
}

/**
 * Like {@linkcode parseDuration}, but also accepts zero, such as `0` or `0s`.
 *
 * @throws {SyntaxError} under the same conditions.
 */
export function parseDurationOrZero(text: string): number {
  return /^0(?:ms|s|m|h)?$/.test(text) ? 0 : parseDuration(text);
}
