// A word out of a few that are known, for an option or an argument.

import { type Completions, wordCompletions } from "./completions.ts";
import { didYouMean } from "./suggest.ts";

/** How it is read, with a guess at what was meant if it is none of them, and what a shell offers for it. */
export function enumParser<Word extends string>(
  values: readonly Word[],
): { readonly parse: (text: string) => Word; readonly proposeCompletions: Completions } {
  return {
    parse: (text) => {
      const found = values.find((known) => known === text);
      if (found !== undefined) return found;
      throw new SyntaxError(`it is none of ${values.join(", ")}${didYouMean(text, values)}`);
    },
    proposeCompletions: wordCompletions(values),
  };
}
