// Options that count something. Pure.

/** What a count may be. */
export interface CountRange {
  /** @default 1 */
  readonly least?: number;
  /** @default the largest whole number that is exact */
  readonly most?: number;
}

/**
 * Checks an option that counts something, which from JSON or JavaScript may be anything. One that is not given is
 * right.
 *
 * @param action what cannot be done with another value, such as `make a machine`
 * @throws {RangeError} if it is not a whole number in the range.
 */
export function requireCount(
  action: string,
  options: Readonly<Record<string, unknown>>,
  { least = 1, most = Number.MAX_SAFE_INTEGER }: CountRange = {},
): void {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) continue;
    const written = typeof value === "number" ? String(value) : JSON.stringify(value); // JSON has no NaN
    throw new RangeError(
      `cannot ${action} with ${name} ${written}: it must be a whole number ${range}`,
    );
  }
}

/** The most milliseconds that a timer waits (HTML, timers: a signed number of 32 bits). */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;
