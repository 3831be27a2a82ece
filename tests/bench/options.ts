// What the bench was asked for.

import { parseTaskArgs } from "../../src/bundle/task_args.ts";

/** The options of the bench. */
export interface BenchOptions {
  /** Where the JSON goes. */
  readonly json: string;
  /** Smaller sizes and fewer rounds. */
  readonly quick: boolean;
  /** Beginnings of the names of rows to run; none is all. */
  readonly only: readonly string[];
}

/** Reads the command line. @throws {TypeError} if it has an unknown option. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseTaskArgs({
    args: [...args],
    options: {
      json: { type: "string", default: "bench-results.json" },
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
    },
  });
  return values;
}
