// Validates numeric options against ranges. Pure.

/**
 * A range: whole numbers from `least` to `most`, or, if `above` is given, any finite number above
 * that and up to `most`.
 */
export interface CountRange {
  /** @default 1 */
  readonly least?: number;
  /** @default the largest safe integer */
  readonly most?: number;
  /** If given, the number need not be whole, and must be greater than this. */
  readonly above?: number;
  /** Allows `Infinity`, too. */
  readonly isEndless?: true;
}

/** What those options of `T` that are named may be, each. */
export type RangesOf<T, Name extends keyof T> = Readonly<Record<Name, CountRange>>;

/** The most milliseconds that a timer waits (HTML, timers: a signed number of 32 bits). */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** A delay of a timer in milliseconds, which may be fractional. */
export const TIMER_RANGE: CountRange = { above: 0, most: MAX_TIMER_MS };

/** Milliseconds from SIGTERM to SIGKILL; 0 sends SIGKILL at once. */
export const KILL_AFTER_RANGE: CountRange = { least: 0, most: MAX_TIMER_MS };

/**
 * Validates numeric options, which may be of any type if they come from JSON or JavaScript. An
 * `undefined` option is valid.
 *
 * @param action completes the message `cannot ..`, such as `make a machine`
 * @throws {RangeError} if a value is not a number in the range; the message names the option.
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

/** As {@linkcode requireCount}, with one range per option. */
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

/**
 * Returns why a value is out of range, such as `must be a whole number from 1`; else `undefined`.
 */
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

/** Describes a range, such as `a whole number from 1 to 9`. */
export function describeRange({ least = 1, most, above, isEndless }: CountRange): string {
  const kind = above === undefined ? `a whole number from ${least}` : `a number above ${above}`;
  const end = most === undefined ? "" : above === undefined ? ` to ${most}` : `, up to ${most}`;
  return `${kind}${end}${isEndless === true ? ", or Infinity" : ""}`;
}

/** Writes a value as in JavaScript, because JSON has no NaN, Infinity, bigint or undefined. */
function writeValue(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "bigint") return `${value}n`;
  return JSON.stringify(value) ?? String(value);
}
