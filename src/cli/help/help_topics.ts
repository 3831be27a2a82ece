// What `execvm help` knows beside the subcommands.

/** The pages that all subcommands share. */
export const TOPICS = ["exit-status", "environment", "runners"] as const;

/** One of them. */
export type Topic = (typeof TOPICS)[number];
