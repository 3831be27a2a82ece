// Parses an option or argument that must be one of a few known words.

import { type Completions, wordCompletions } from "./completions.ts";
import { didYouMean } from "../../model/did_you_mean.ts";

/**
 * Returns a parser whose error suggests the closest of `values`, and the completion hook for them.
 */
export function enumParser<Word extends string>(
  values: readonly Word[],
): { readonly parse: (text: string) => Word; readonly proposeCompletions: Completions } {
  return {
    parse: (text) => {
      const found = values.find((known) => known === text);
      if (found !== undefined) return found;
      throw new SyntaxError(`it must be one of ${values.join(", ")}${didYouMean(text, values)}`);
    },
    proposeCompletions: wordCompletions(values),
  };
}
