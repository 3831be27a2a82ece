// The type of `jobs`, which each file in this folder exports.

/** The jobs of a contender, by name. Each returns its output, so that it can be checked. */
export type Jobs = Readonly<Record<string, (arg: string) => Promise<string>>>;
