// What CI runs: the gate, README's commands on a fresh machine, and all tests. Ends with
// `N passed, N failed`, above which is what failed and why.

import { OLDEST_DENO } from "../src/cli/commands/doctor_checks.ts";
import { runCheck } from "./harness/check.ts";
import { oldestDeno, selectParts } from "./harness/parts.ts";
import { runParts, showReport } from "./harness/run_parts.ts";
import type { Failure } from "./harness/test_log.ts";

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const deno = Deno.execPath();
  const folder = Deno.makeTempDirSync({ prefix: "execvm-ci-" });
  try {
    const checks = [
      await checkTwice("the gate", [deno, "task", "ok"]),
      await checkTwice("what the tests need", [deno, "run", "-A", "tests/setup.ts"]),
      await checkTwice("a fresh machine", [deno, "run", "-A", "tests/fresh/main.ts"]),
    ];
    const parts = [...await selectParts(folder), oldestDeno(OLDEST_DENO.join("."))];
    const report = await runParts(parts, { retryOnce: true, mayNotSkip: true });
    report.failures.unshift(...checks.flatMap(({ failure }) => failure ?? []));
    report.flaky.unshift(...checks.flatMap(({ flaky }) => flaky ?? []));
    report.passed += checks.filter(({ failure }) => failure === undefined).length;
    showReport(report);
    return report.failures.length === 0 ? 0 : 1;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** As a file of tests it is run once more if it fails: what comes over the network may break off. */
async function checkTwice(
  name: string,
  argv: readonly [string, ...string[]],
): Promise<{ readonly failure?: Failure; readonly flaky?: Failure }> {
  const first = await runCheck(name, argv);
  if (first === undefined) return {};
  const second = await runCheck(`${name}, again`, argv);
  return second === undefined ? { flaky: first } : { failure: { ...second, name } };
}
