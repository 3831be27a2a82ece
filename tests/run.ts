// Runs the tests, in several processes at a time.
//
// CI runs the README's command unchanged, so it sets its options by variables:
//   CI=true                    a skipped test is a failure
//   EXECVM_TEST_RETRY_ONCE=1   the same as --retry-once
//   EXECVM_TEST_REPORT=FILE    the results are written to FILE, as JSON

import "./support/test_cache.ts";
import { parseTaskArgs } from "../src/bundle/task_args.ts";
import { messageOf } from "../src/model/errors.ts";
import { selectCompiled, selectParts } from "./harness/parts.ts";
import { defaultLanes, parseLanes } from "./harness/lanes.ts";
import { concludeRun, runParts } from "./harness/run_parts.ts";
import { show } from "./harness/show.ts";

const USAGE = `deno task test [--retry-once] [--lanes N] [FILE|FOLDER...]
deno task test:compiled

  --retry-once  Run files with failures again, and report as flaky what then passes
  --lanes N     Run N processes at a time (default: one per processor)
  --compiled    Test the command line as a compiled execvm, as test:compiled does`;

const options = {
  "retry-once": { type: "boolean", default: false },
  compiled: { type: "boolean", default: false },
  lanes: { type: "string" },
} as const;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const folder = Deno.makeTempDirSync({ prefix: "execvm-run-" });
  try {
    const { values, positionals } = parseTaskArgs(USAGE, {
      args: [...args],
      options,
      allowPositionals: true,
    });
    const select = values.compiled ? selectCompiled : selectParts;
    const parts = await select(folder, positionals);
    const report = await runParts(parts, {
      retryOnce: values["retry-once"] || Deno.env.get("EXECVM_TEST_RETRY_ONCE") === "1",
      mayNotSkip: Deno.env.get("CI") !== undefined,
      lanes: values.lanes === undefined ? defaultLanes() : parseLanes(values.lanes),
    });
    return concludeRun(report);
  } catch (error) {
    show(messageOf(error));
    return 2;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
