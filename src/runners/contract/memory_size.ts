// Parses memory sizes such as `512M` or `2G`.

const UNITS_MIB: Readonly<Record<string, number>> = { M: 1, G: 1024, T: 1024 * 1024 };

/**
 * Returns the MiB of `512`, `512M`, `2G`, `2g` or `1.5G`.
 *
 * @throws {SyntaxError} if it has another form, or is not a whole number of MiB above zero.
 */
export function parseMemoryMib(text: string): number {
  const [, number, unit = "M"] = /^(\d+(?:\.\d+)?)([MGT])?(?:iB?)?$/i.exec(text) ?? [];
  const mib = Number(number) * (UNITS_MIB[unit.toUpperCase()] ?? NaN);
  if (Number.isSafeInteger(mib) && mib > 0) return mib;
  throw new SyntaxError(`"${text}" is not a memory size such as 512, 512M or 2G`);
}
