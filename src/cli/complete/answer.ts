// `execvm __complete`: what the scripts ask. The answer is a line that says what to do, then a line a word, with
// a tab before what the word means.

import type { CliContext } from "../frame/context.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { complete, type Completion } from "./complete.ts";

/** Answers for the words behind `execvm`; the last one is completed. */
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

/** A word that takes more than a line cannot be offered as one. */
function toLine({ word, brief = "" }: { readonly word: string; readonly brief?: string }): string {
  return `${word.split("\n")[0]}\t${brief}`;
}
