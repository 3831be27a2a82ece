// The shells that can complete the command line.

/** The shells that have a completion script. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** The name of a shell that has a completion script. */
export type Shell = (typeof SHELLS)[number];
