// `execvm __complete`, which the completion scripts call. The first line of its answer tells the
// script what to do; each line after that is a word, a tab and the meaning of the word.

import type { CliContext } from "../frame/context.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { complete, type Completion } from "./complete.ts";

/** Completes the last of the words behind `execvm`. */
export const answer = withErrorReport(async (context: CliContext, _flags, ...words: string[]) => {
  const completion = await complete(context, context.root(), words);
  context.process.stdout.write(`${linesOf(completion).join("\n")}\n`);
  return 0;
});

function linesOf(completion: Completion): readonly string[] {
  switch (completion.kind) {
    case "words":
      return ["words", ...completion.words.map(toLine)];
    case "command":
      return [`command ${completion.from}`];
    default:
      return [`${completion.kind} ${completion.skip}`];
  }
}

/** Only the first line of a word, as the answer has one line per word. */
function toLine({ word, brief = "" }: { readonly word: string; readonly brief?: string }): string {
  return `${word.split("\n")[0]}\t${brief}`;
}
