// Parses the command line of the bench.

import { parseTaskArgs } from "../../src/bundle/task_args.ts";

/** The options of the bench. */
export interface BenchOptions {
  /** The path of the JSON file to write. */
  readonly json: string;
  /** Smaller sizes and fewer rounds. */
  readonly quick: boolean;
  /** Prefixes of the names of the rows to run; an empty list runs all. */
  readonly only: readonly string[];
}

const USAGE = `deno task bench [--json FILE] [--quick] [--only NAME]...

  --json FILE  Write the results to this file (default: bench-results.json)
  --quick      Smaller sizes and fewer rounds
  --only NAME  Run only the rows whose names begin like this`;

/** Parses the command line. @throws {TypeError} if it has an unknown option. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseTaskArgs(USAGE, {
    args: [...args],
    options: {
      json: { type: "string", default: "bench-results.json" },
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
    },
  });
  return values;
}
