// Words that are not UTF-8, where there can only be text.

import { hasBytes, showWord } from "../../libc/word.ts";
import { UsageError } from "../../model/errors.ts";

/**
 * Checks the values of flags and arguments, by name.
 *
 * @param places the names of those that may be any words
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
      `Cannot take ${
        showWord(odd)
      } as it is not UTF-8: only argv, variables and the folder of a command can be so`,
    );
  }
}

/** The strings of a value, of which a list or object may have many. */
function stringsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, value]) => [name, ...stringsOf(value)]);
}
