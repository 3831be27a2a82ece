// Parses ages such as `30d`.

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Returns the milliseconds of `30d`, `12h`, `2w` or `90m`; zero is `0d`.
 *
 * @throws {SyntaxError} if it has another form.
 */
export function parseAge(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text) ?? [];
  const milliseconds = Number(number) * (UNITS_MS[unit] ?? NaN);
  if (Number.isSafeInteger(Math.ceil(milliseconds))) return Math.ceil(milliseconds);
  throw new SyntaxError(`"${text}" is not an age such as 30d, 12h or 2w`);
}
