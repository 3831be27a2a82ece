// Runs parts of the tests, and says in the end what failed and why.

import { inLanes } from "./lanes.ts";
import { type Piece, toPieces } from "./pieces.ts";
import { denoTest, type Outcome, type Part } from "./test_run.ts";
import { show } from "./show.ts";
import type { Failure } from "./test_log.ts";
import { type PartTime, timeLines } from "./times.ts";

/** How {@linkcode runParts} treats what fails. */
export interface RunPartsOptions {
  /** Whether a file with a failure is run once more, alone; what passes then has passed, and is named. */
  readonly retryOnce?: boolean;
  /** Whether a skipped test is a failure. */
  readonly mayNotSkip?: boolean;
  /** How many processes run tests at a time; with more than one, parts are run in pieces. @default 1 */
  readonly lanes?: number;
  /** What its lines begin with, where others are shown between them. @default nothing */
  readonly label?: string;
}

/** What came of all parts. */
export interface Report {
  passed: number;
  readonly failures: Failure[];
  readonly skipped: string[];
  /** Tests that failed first and passed alone. */
  readonly flaky: Failure[];
  /** What its parts took. */
  readonly times: readonly PartTime[];
}

/** Runs them all, whatever fails. */
export async function runParts(
  parts: readonly Part[],
  options: RunPartsOptions = {},
): Promise<Report> {
  const { lanes = 1, label = "" } = options;
  const pieces: Piece[] = [];
  for (const part of parts) {
    pieces.push(...lanes > 1 ? await toPieces(part) : [{ part, group: "", files: part.files }]);
  }
  const jobs = pieces.map((piece) => ({
    key: piece.group,
    run: () => runPiece(piece, lanes > 1 && pieces.length > 1 ? `${piece.group} | ` : label),
  }));
  const ran = await inLanes(jobs, lanes);
  const times = [...Map.groupBy(ran, ({ piece }) => piece.part.title)].map(toTime);
  const report: Report = { passed: 0, failures: [], skipped: [], flaky: [], times };
  for (const one of ran) await take(one, options, report); // what failed is run again when all else has ended
  if (options.mayNotSkip) {
    const text = "it was skipped, which it may not be here";
    report.failures.push(...report.skipped.map((name) => ({ name, text })));
  }
  return report;
}

/** Prints what is to be known in the end; `N passed, N failed` comes last. */
export function showReport({ passed, failures, skipped, flaky, times }: Report): void {
  for (const [kind, list] of [["FLAKY", flaky], ["FAILED", failures]] as const) {
    for (const { name, file, text } of list) {
      show(`\n${kind}: ${name}${file === undefined ? "" : ` (${file})`}`);
      show(text.split("\n").map((line) => `    ${line}`).join("\n"));
    }
  }
  const lines = timeLines(times);
  if (lines.length > 0) show(`\n${lines.join("\n")}`);
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
    times: reports.flatMap(({ times }) => times),
  };
}

/** What came of a piece, and when, by the clock of this process. */
interface Ran extends Omit<Outcome, "left" | "broke"> {
  readonly piece: Piece;
  readonly startMs: number;
  readonly endMs: number;
}

/** All files of a piece: when a run breaks off, those that are left are run without the one that broke it. */
async function runPiece(piece: Piece, label: string): Promise<Ran> {
  const { part } = piece;
  show(`\n${label}== ${part.title}`);
  const startMs = performance.now();
  const outcomes: Outcome[] = [];
  for (let left = piece.files; left.length > 0; left = outcomes.at(-1)!.left) {
    outcomes.push(await denoTest(part, left, label));
  }
  return {
    piece,
    passedIn: new Map(outcomes.flatMap(({ passedIn }) => [...passedIn])),
    msOf: new Map(outcomes.flatMap(({ msOf }) => [...msOf])),
    failures: outcomes.flatMap(({ failures }) => failures),
    skipped: outcomes.flatMap(({ skipped }) => skipped),
    startMs,
    endMs: performance.now(),
  };
}

/** Counts what came of a piece; files with a failure are run again, if that was asked for. */
async function take(ran: Ran, options: RunPartsOptions, report: Report): Promise<void> {
  report.passed += sum(ran.passedIn);
  report.skipped.push(...ran.skipped);
  for (const [file, failures] of Map.groupBy(ran.failures, ({ file }) => file)) {
    if (options.retryOnce !== true || file === undefined) report.failures.push(...failures);
    else {
      const first = { file, failures, passed: ran.passedIn.get(file) ?? 0 };
      await runAgain(ran.piece.part, first, report);
    }
  }
}

/** From the first start of a part's pieces to the last end. */
function toTime([name, pieces]: [string, readonly Ran[]]): PartTime {
  const start = Math.min(...pieces.map(({ startMs }) => startMs));
  const end = Math.max(...pieces.map(({ endMs }) => endMs));
  return { name, ms: end - start, files: pieces.flatMap(({ msOf }) => [...msOf]) };
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
