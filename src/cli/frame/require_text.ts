// Rejects words that are not UTF-8 where only text is possible.

import { hasBytes, showWord } from "../../libc/word.ts";
import { UsageError } from "../../model/errors.ts";

/**
 * Checks that the values of flags and arguments are UTF-8.
 *
 * @param values the values by name; lists and objects are searched
 * @param places the names of values that may be any bytes
 * @throws {UsageError} if another one is not UTF-8.
 */
export function requireText(
  values: object,
  places: readonly string[] = [],
): void {
  for (const [name, value] of Object.entries(values)) {
    if (places.includes(name)) continue;
    const odd = stringsOf(value).find(hasBytes);
    if (odd === undefined) continue;
    throw new UsageError(
      `cannot take ${
        showWord(odd)
      }: it is not UTF-8: only argv, variables and the folder of a command may be other bytes`,
    );
  }
}

/** All strings in a value, which may be a list or an object. */
function stringsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, value]) => [name, ...stringsOf(value)]);
}
