// What a file in this folder exports as `jobs`.

/** What a contender can do, by name. Each gives what it put out, so that it can be checked. */
export type Jobs = Readonly<Record<string, (arg: string) => Promise<string>>>;
