// What CI runs: the gate, README's command that passes the tests, its two commands on a fresh machine, the local
// runner on the oldest Deno, and the compiled command line. Ends with `N passed, N failed`, above which is what failed and why.

import { OLDEST_DENO } from "../src/cli/commands/doctor_checks.ts";
import { runCheck } from "./harness/check.ts";
import { oldestDeno } from "./harness/parts.ts";
import { readmeCommands } from "./harness/readme_commands.ts";
import { mergeReports, type Report, runParts, showReport } from "./harness/run_parts.ts";
import { runReadmeTests } from "./harness/run_readme_tests.ts";

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const [, test] = readmeCommands();
  const npx = test.split(" ").slice(0, 3) as [string, ...string[]]; // npx --yes deno@VERSION
  const fresh = [Deno.execPath(), "run", "-A", "tests/fresh/main.ts"] as const;
  const report = mergeReports([
    await checkTwice("the gate", [...npx, "task", "ok"]),
    await runReadmeTests(test), // also installs what the fresh machine is made with
    await checkTwice("a fresh machine", fresh),
    await runParts([oldestDeno(OLDEST_DENO.join("."))], { retryOnce: true, mayNotSkip: true }),
    await runReadmeTests([...npx, "task", "test:compiled"].join(" ")),
  ]);
  showReport(report);
  return report.failures.length === 0 ? 0 : 1;
}

/** As a file of tests it is run once more if it fails: what comes over the network may break off. */
async function checkTwice(name: string, argv: readonly [string, ...string[]]): Promise<Report> {
  const first = await runCheck(name, argv);
  const second = first && await runCheck(`${name}, again`, argv);
  const failures = second === undefined ? [] : [{ ...second, name }];
  const flaky = first !== undefined && second === undefined ? [first] : [];
  return { passed: 1 - failures.length, failures, skipped: [], flaky };
}
