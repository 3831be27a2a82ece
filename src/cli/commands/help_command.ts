// The options of `execvm help`.

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
    brief: "Show the help of a subcommand, or on exit-status, environment or runners",
    fullDescription: [
      "Shows the same page as SUBCOMMAND --help, or a page on a topic that concerns all subcommands.",
    ].join("\n"),
  },
});
