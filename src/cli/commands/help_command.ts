// `execvm help`: its options.

import { buildCommand, type Command } from "npm:@stricli/core@1.3.0";
import { wordCompletions } from "../flags/completions.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_FLAGS } from "../frame/with_error_report.ts";
import { TOPICS } from "../help/help_topics.ts";

/** The options of `execvm help`. */
export const helpCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("../help/help.ts")).help,
  parameters: {
    flags: COMMON_FLAGS,
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        proposeCompletions(this: CliContext) {
          const entries = this.root().getAllEntries().filter(({ hidden }) => !hidden);
          return wordCompletions([...entries.map(({ name }) => name.original), ...TOPICS])
            .call(this, "");
        },
        brief: `A subcommand, or one of ${TOPICS.join(", ")}`,
        placeholder: "SUBCOMMAND|TOPIC",
      },
    },
  },
  docs: {
    brief: "Show the help of a subcommand, or of exit-status, environment or runners",
    fullDescription: [
      "Shows what --help on the subcommand shows, or a page on something that all of them share.",
    ].join("\n"),
  },
});
