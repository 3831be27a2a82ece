// Durations as people write them.

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds of `30s`, `1.5m`, `200ms` or `2h`; a bare number is seconds, as with timeout(1).
 *
 * @throws {SyntaxError} if it is none of these, or not above zero.
 */
export function parseDuration(text: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const milliseconds = Number(number) * (UNITS_MS[unit] ?? NaN);
  if (milliseconds > 0) return milliseconds;
  throw new SyntaxError(`"${text}" is no duration such as 30s, 200ms, 5m or 1h`);
}
