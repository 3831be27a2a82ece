// The help topics besides the subcommands.

/** The names of the pages on what all subcommands share. */
export const TOPICS = ["exit-status", "environment", "runners"] as const;

/** The name of a help topic. */
export type Topic = (typeof TOPICS)[number];
