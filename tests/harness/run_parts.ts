// Runs parts of the tests one after the other, and says in the end what failed and why.

import { denoTest, type Outcome, type Part } from "./test_run.ts";
import { show } from "./show.ts";
import type { Failure } from "./test_log.ts";

/** How {@linkcode runParts} treats what fails. */
export interface RunPartsOptions {
  /** Whether a file with a failure is run once more, alone; what passes then has passed, and is named. */
  readonly retryOnce?: boolean;
  /** Whether a skipped test is a failure. */
  readonly mayNotSkip?: boolean;
}

/** What came of all parts. */
export interface Report {
  passed: number;
  readonly failures: Failure[];
  readonly skipped: string[];
  /** Tests that failed first and passed alone. */
  readonly flaky: Failure[];
}

/** Runs them all, whatever fails. */
export async function runParts(
  parts: readonly Part[],
  options: RunPartsOptions = {},
): Promise<Report> {
  const report: Report = { passed: 0, failures: [], skipped: [], flaky: [] };
  for (const part of parts) await runPart(part, options, report);
  if (options.mayNotSkip) {
    const text = "it was skipped, which it may not be here";
    report.failures.push(...report.skipped.map((name) => ({ name, text })));
  }
  return report;
}

/** Prints what is to be known in the end; `N passed, N failed` comes last. */
export function showReport({ passed, failures, skipped, flaky }: Report): void {
  for (const [kind, list] of [["FLAKY", flaky], ["FAILED", failures]] as const) {
    for (const { name, file, text } of list) {
      show(`\n${kind}: ${name}${file === undefined ? "" : ` (${file})`}`);
      show(text.split("\n").map((line) => `    ${line}`).join("\n"));
    }
  }
  show("");
  for (const name of skipped) show(`skipped: ${name}`);
  for (const { name } of flaky) show(`flaky: ${name} failed first, passed alone`);
  for (const { name, file } of failures) {
    show(`failed: ${name}${file === undefined ? "" : ` (${file})`}`);
  }
  show(`${passed} passed, ${failures.length} failed`);
}

/** Prints it, and writes it as JSON to the file that EXECVM_TEST_REPORT names; the exit code. */
export function concludeRun(report: Report): number {
  const file = Deno.env.get("EXECVM_TEST_REPORT");
  if (file !== undefined) Deno.writeTextFileSync(file, JSON.stringify(report));
  showReport(report);
  return report.failures.length === 0 ? 0 : 1;
}

/** What came of several runs together. */
export function mergeReports(reports: readonly Report[]): Report {
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    failures: reports.flatMap(({ failures }) => failures),
    skipped: reports.flatMap(({ skipped }) => skipped),
    flaky: reports.flatMap(({ flaky }) => flaky),
  };
}

async function runPart(part: Part, options: RunPartsOptions, report: Report): Promise<void> {
  show(`\n== ${part.title}`);
  const first = await runAll(part);
  report.passed += sum(first.passedIn);
  report.skipped.push(...first.skipped);
  for (const [file, failures] of Map.groupBy(first.failures, ({ file }) => file)) {
    if (options.retryOnce !== true || file === undefined) report.failures.push(...failures);
    else await runAgain(part, { file, failures, passed: first.passedIn.get(file) ?? 0 }, report);
  }
}

/** All files of a part: when a run breaks off, those that are left are run without the one that broke it. */
async function runAll(part: Part): Promise<Omit<Outcome, "left" | "broke">> {
  const outcomes: Outcome[] = [];
  for (let left = part.files; left.length > 0; left = outcomes.at(-1)!.left) {
    outcomes.push(await denoTest(part, left));
  }
  return {
    passedIn: new Map(outcomes.flatMap(({ passedIn }) => [...passedIn])),
    failures: outcomes.flatMap(({ failures }) => failures),
    skipped: outcomes.flatMap(({ skipped }) => skipped),
  };
}

/** What the first run of a file gave. */
interface First {
  readonly file: string;
  readonly failures: readonly Failure[];
  readonly passed: number;
}

/** Runs a file alone in which something failed: that run counts, and what it does not confirm is named. */
async function runAgain(part: Part, first: First, report: Report): Promise<void> {
  show(`\n== again, alone: ${first.file}`);
  const second = await denoTest(part, [first.file]);
  report.passed += sum(second.passedIn) - first.passed;
  report.failures.push(...second.failures);
  const confirmed = new Set(second.failures.map(({ name }) => name));
  const others = first.failures.filter(({ name }) => !confirmed.has(name));
  (second.broke ? report.failures : report.flaky).push(...others);
}

function sum(numbers: ReadonlyMap<string, number>): number {
  return [...numbers.values()].reduce((total, number) => total + number, 0);
}
