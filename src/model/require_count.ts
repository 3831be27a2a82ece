// Options that are numbers, and what they may be. Pure.

/**
 * What a number may be: a whole number from `least` to `most`, or where `above` is given any finite one above that,
 * up to `most`.
 */
export interface CountRange {
  /** @default 1 */
  readonly least?: number;
  /** @default the largest whole number that is exact */
  readonly most?: number;
  /** The number need not be whole, and is above this one. */
  readonly above?: number;
  /** It may be `Infinity`, too. */
  readonly isEndless?: true;
}

/** The most milliseconds that a timer waits (HTML, timers: a signed number of 32 bits). */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** A time in milliseconds that a timer waits for, also a part of one. */
export const TIMER_RANGE: CountRange = { above: 0, most: MAX_TIMER_MS };

/** Milliseconds from SIGTERM to SIGKILL: none, if it is 0. */
export const KILL_AFTER_RANGE: CountRange = { least: 0, most: MAX_TIMER_MS };

/**
 * Checks options that are numbers, which from JSON or JavaScript may be anything. One that is not given is right.
 *
 * @param action what cannot be done with another value, such as `make a machine`
 * @throws {RangeError} if it is no number in the range; it names the option.
 */
export function requireCount(
  action: string,
  options: Readonly<Record<string, unknown>>,
  range: CountRange = {},
): void {
  for (const [name, value] of Object.entries(options)) {
    const fault = value === undefined ? undefined : countFault(value, range);
    if (fault === undefined) continue;
    throw new RangeError(`cannot ${action} with ${name} ${writeValue(value)}: it ${fault}`);
  }
}

/** As {@linkcode requireCount}, of options that have each a range of their own. */
export function requireCounts(
  action: string,
  options: object,
  ranges: Readonly<Record<string, CountRange>>,
): void {
  const given = options as Readonly<Record<string, unknown>>;
  for (const [name, range] of Object.entries(ranges)) {
    requireCount(action, { [name]: given[name] }, range);
  }
}

/** Why a value is not in a range, as `must be a whole number from 1`; undefined if it is. */
export function countFault(value: unknown, range: CountRange = {}): string | undefined {
  return isInRange(value, range) ? undefined : `must be ${describeRange(range)}`;
}

function isInRange(value: unknown, { least = 1, most, above, isEndless }: CountRange): boolean {
  if (typeof value !== "number") return false;
  if (value === Infinity) return isEndless === true;
  const isKind = above === undefined
    ? Number.isSafeInteger(value) && value >= least
    : Number.isFinite(value) && value > above;
  return isKind && value <= (most ?? Number.MAX_SAFE_INTEGER);
}

/** What numbers there are in a range, such as `a whole number from 1 to 9`. */
export function describeRange({ least = 1, most, above, isEndless }: CountRange): string {
  const kind = above === undefined ? `a whole number from ${least}` : `a number above ${above}`;
  const end = most === undefined ? "" : above === undefined ? ` to ${most}` : `, up to ${most}`;
  return `${kind}${end}${isEndless === true ? ", or Infinity" : ""}`;
}

/** As it is in JavaScript: JSON has neither NaN nor Infinity, and nothing for what is none of its own. */
function writeValue(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "bigint") return `${value}n`;
  return JSON.stringify(value) ?? String(value);
}
