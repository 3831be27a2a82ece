// `execvm help`: shows the help page of a subcommand or topic.

import { UsageError } from "../../model/errors.ts";
import { type Target, targetOf } from "../flags/routes.ts";
import { didYouMean } from "../../model/did_you_mean.ts";
import type { CliContext } from "../frame/context.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { type Topic, TOPICS } from "./help_topics.ts";
import { ownLayout, toText } from "./layout.ts";
import { pageOf } from "./page.ts";
import { topicPage } from "./topics.ts";

/** Runs `execvm help`. */
export const help = withErrorReport((context: CliContext, _flags, ...words: string[]) => {
  const { stdout } = context.process;
  const topic = TOPICS.find((known) => words.length === 1 && known === words[0]);
  if (topic !== undefined) stdout.write(toText(topicPage(topic), ownLayout()));
  else showPage(stdout, find(context, words), ["execvm", ...words]);
  return Promise.resolve(0);
});

/** Shows the page of a subcommand or of a group. @param prefix its words, `execvm` first */
export function showPage(
  stdout: { write(text: string): void },
  target: Target,
  prefix: readonly string[],
): void {
  stdout.write(toText(pageOf(target, prefix), ownLayout()));
}

/** @throws {UsageError} if there is no such subcommand. */
function find(context: CliContext, words: readonly string[]): Target {
  const root = context.root();
  const found = targetOf(root, words);
  if (found !== undefined) return found;
  const known = root.getAllEntries().filter(({ hidden }) => !hidden)
    .map(({ name }) => name.original);
  const topics: readonly Topic[] = TOPICS;
  const text = words.join(" ");
  throw new UsageError(
    `cannot show the help of ${JSON.stringify(text)}: there is no such subcommand or topic` +
      didYouMean(text, [...known, ...topics]),
  );
}
