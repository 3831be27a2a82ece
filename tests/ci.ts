// Runs CI: the README's command that runs the tests, and the gate; then, in parallel, the tests
// that depend on the system on another release of Debian, the README's two commands on a fresh
// machine, the compiled command line, and the local runner on the oldest Deno. The output ends with
// what failed and why, what took long, and `N passed, N failed`.

import { OLDEST_DENO } from "../src/cli/commands/doctor_checks.ts";
import { runCheck } from "./harness/check.ts";
import { inLanes } from "./harness/lanes.ts";
import { oldestDeno } from "./harness/parts.ts";
import { readmeCommands } from "./harness/readme_commands.ts";
import { runInNewHome } from "./harness/run_in_new_home.ts";
import { concludeRun, mergeReports, type Report, runParts } from "./harness/run_parts.ts";
import { timed } from "./harness/times.ts";

/**
 * The tests of another release that take only minutes: all but those of machines, images and code.
 */
const SYSTEM = "trixie";
const PARTS = ["doctor", "kernel", "demo", "vm", "docker", "ssh", "slurm"];

/** Steps that run in parallel: all of them often wait, also for downloads. */
const LANES = 2;

if (import.meta.main) Deno.exit(await main());

/** A part of CI, with the name that its lines of output begin with. */
type Step = readonly [name: string, run: (label: string) => Promise<Report>];

async function main(): Promise<number> {
  const [, test] = readmeCommands();
  const npx = test.split(" ").slice(0, 3) as [string, ...string[]]; // npx --yes deno@VERSION
  const fresh = [Deno.execPath(), "run", "-A", "tests/fresh/main.ts"] as const;
  const systems = ["task", "systems", ...PARTS.flatMap((name) => ["--part", name]), SYSTEM];
  const oldest = oldestDeno(OLDEST_DENO.join("."));
  const first: readonly Step[] = [
    ["tests", () => runInNewHome(test)], // this also installs what the other steps need
    ["gate", (label) => checkTwice("the gate", [...npx, "task", "ok"], label)], // ends before that is installed
  ];
  const then: readonly Step[] = [ // the longest first
    ["systems", (label) => runInNewHome([...npx, ...systems].join(" "), label)],
    ["fresh", (label) => checkTwice("a fresh machine", fresh, label)],
    ["compiled", (label) => runInNewHome([...npx, "task", "test:compiled"].join(" "), label)],
    ["oldest", (label) => runParts([oldest], { retryOnce: true, mayNotSkip: true, label })],
  ];
  return concludeRun(mergeReports([...await runSteps(first), ...await runSteps(then)]));
}

async function runSteps(steps: readonly Step[]): Promise<Report[]> {
  const jobs = steps.map(([key, run]) => ({
    key,
    run: () => runStep(key, () => run(`${key} | `)),
  }));
  return await inLanes(jobs, LANES);
}

/** Puts its own time before those of the parts that it reports. */
async function runStep(name: string, run: () => Promise<Report>): Promise<Report> {
  const [report, time] = await timed(name, run);
  const inner = report.times.map((part) => ({ ...part, name: `${name}: ${part.name}` }));
  return { ...report, times: [time, ...inner] };
}

/** Repeated once if it fails, like a test file: downloads may break off. */
async function checkTwice(
  name: string,
  argv: readonly [string, ...string[]],
  label: string,
): Promise<Report> {
  const first = await runCheck(name, argv, { label });
  const second = first && await runCheck(`${name}, again`, argv, { label });
  const failures = second === undefined ? [] : [{ ...second, name }];
  const flaky = first !== undefined && second === undefined ? [first] : [];
  return { passed: 1 - failures.length, failures, skipped: [], flaky, times: [] };
}
