// The cost of the command line: whole processes, from start to end.

import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { DENO_RUN, outputOf } from "../run_child.ts";
import type { Sizes } from "./sizes.ts";

const MAIN = new URL("../../../src/cli/main.ts", import.meta.url).pathname;
const EMPTY = new URL("../contenders/jobs.ts", import.meta.url).pathname;
const DEPTH = 8;
const BARE = "deno eval 0";

/** Compares `execvm run` and `execvm chain` with a Deno that does nothing. */
export function cliRow({ shortRounds }: Sizes): Row {
  return {
    name: "cli",
    title: "a whole process of execvm, run from source",
    unit: "ms",
    rounds: shortRounds,
    baseline: BARE,
    contenders: [
      deno(BARE, ["eval", "0"]),
      deno("deno run of an empty module", [...DENO_RUN, EMPTY]),
      execvm("execvm run -- true", ["run", "--", "true"]),
      execvm("execvm chain -- true -- true", ["chain", "--", "true", "--", "true"]),
      execvm(`execvm chain, ${DEPTH} deep`, nestedChain(DEPTH)),
    ],
    targets: [{ contender: "execvm run -- true", against: BARE, limit: { atMost: 2.5 } }],
  };
}

/** Arguments of nested chains: `depth` times `chain -- true --`, then `true`. */
function nestedChain(depth: number): string[] {
  const links = Array.from({ length: depth }, () => ["execvm", "chain", "--", "true", "--"]);
  return [...links.flat().slice(1), "true"];
}

function execvm(name: string, args: readonly string[]): Contender {
  return deno(name, [...DENO_RUN, MAIN, ...args]);
}

function deno(name: string, args: readonly string[]): Contender {
  return {
    name,
    async measure() {
      const started = performance.now();
      await outputOf(Deno.execPath(), args);
      return performance.now() - started;
    },
  };
}
