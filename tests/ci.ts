// What CI runs: the gate, README's command that passes the tests, its two commands on a fresh machine, the local
// runner on the oldest Deno, the compiled command line, and another release of Debian. Ends with
// `N passed, N failed`, above which is what failed and why.

import { OLDEST_DENO } from "../src/cli/commands/doctor_checks.ts";
import { runCheck } from "./harness/check.ts";
import { oldestDeno } from "./harness/parts.ts";
import { readmeCommands } from "./harness/readme_commands.ts";
import { concludeRun, mergeReports, type Report, runParts } from "./harness/run_parts.ts";
import { runInNewHome } from "./harness/run_in_new_home.ts";

/** What another release is seen by in some minutes: all of it but the tests of machines, images and code. */
const SYSTEM = "trixie";
const PARTS = ["doctor", "kernel", "demo", "vm", "docker", "ssh", "slurm"];

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const [, test] = readmeCommands();
  const npx = test.split(" ").slice(0, 3) as [string, ...string[]]; // npx --yes deno@VERSION
  const fresh = [Deno.execPath(), "run", "-A", "tests/fresh/main.ts"] as const;
  const report = mergeReports([
    await checkTwice("the gate", [...npx, "task", "ok"]),
    await runInNewHome(test), // also installs what the fresh machine is made with
    await checkTwice("a fresh machine", fresh),
    await runParts([oldestDeno(OLDEST_DENO.join("."))], { retryOnce: true, mayNotSkip: true }),
    await runInNewHome([...npx, "task", "test:compiled"].join(" ")),
    await runInNewHome(
      [...npx, "task", "systems", ...PARTS.flatMap((name) => ["--part", name]), SYSTEM].join(" "),
    ),
  ]);
  return concludeRun(report);
}

/** As a file of tests it is run once more if it fails: what comes over the network may break off. */
async function checkTwice(name: string, argv: readonly [string, ...string[]]): Promise<Report> {
  const first = await runCheck(name, argv);
  const second = first && await runCheck(`${name}, again`, argv);
  const failures = second === undefined ? [] : [{ ...second, name }];
  const flaky = first !== undefined && second === undefined ? [first] : [];
  return { passed: 1 - failures.length, failures, skipped: [], flaky };
}
