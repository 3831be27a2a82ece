// Runs parts of the tests and finally reports what failed and why.

import { inLanes } from "./lanes.ts";
import { type Piece, toPieces } from "./pieces.ts";
import { denoTest, type Outcome, type Part } from "./test_run.ts";
import { show } from "./show.ts";
import type { Failure } from "./test_log.ts";
import { type PartTime, timeLines } from "./times.ts";

/** How {@linkcode runParts} handles failures. */
export interface RunPartsOptions {
  /**
   * Whether a file with a failure is run once more, alone; tests that pass then count as passed and
   * flaky.
   */
  readonly retryOnce?: boolean;
  /** Whether skipped tests are failures. */
  readonly mayNotSkip?: boolean;
  /**
   * How many processes run tests at a time; with more than one, parts are split into pieces.
   *
   * @default 1
   */
  readonly lanes?: number;
  /** The prefix of its lines, if others are shown between them. @default nothing */
  readonly label?: string;
}

/** The results of all parts. */
export interface Report {
  passed: number;
  readonly failures: Failure[];
  readonly skipped: string[];
  /** Tests that failed first and passed alone. */
  readonly flaky: Failure[];
  /** How long its parts took. */
  readonly times: readonly PartTime[];
}

/** Runs all parts, also after failures. */
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
  for (const one of ran) await take(one, options, report); // failures are run again at the end
  if (options.mayNotSkip) {
    const text = "it was skipped, which it may not be here";
    report.failures.push(...report.skipped.map((name) => ({ name, text })));
  }
  return report;
}

/** Prints the report; its last line is `N passed, N failed`. */
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

/**
 * Prints the report and writes it as JSON to the file in EXECVM_TEST_REPORT; returns the exit code.
 */
export function concludeRun(report: Report): number {
  const file = Deno.env.get("EXECVM_TEST_REPORT");
  if (file !== undefined) Deno.writeTextFileSync(file, JSON.stringify(report));
  showReport(report);
  return report.failures.length === 0 ? 0 : 1;
}

/** Merges the results of several runs. */
export function mergeReports(reports: readonly Report[]): Report {
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    failures: reports.flatMap(({ failures }) => failures),
    skipped: reports.flatMap(({ skipped }) => skipped),
    flaky: reports.flatMap(({ flaky }) => flaky),
    times: reports.flatMap(({ times }) => times),
  };
}

/** The result of a piece, with its start and end by this process's clock. */
interface Ran extends Omit<Outcome, "left" | "broke"> {
  readonly piece: Piece;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Runs all files of a piece. If a run breaks off, the remaining files are run without the one that
 * broke it.
 */
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

/** Adds the result of a piece to the report; files with a failure are run again, if requested. */
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

/** Returns the time from the first start of a part's pieces to their last end. */
function toTime([name, pieces]: [string, readonly Ran[]]): PartTime {
  const start = Math.min(...pieces.map(({ startMs }) => startMs));
  const end = Math.max(...pieces.map(({ endMs }) => endMs));
  return { name, ms: end - start, files: pieces.flatMap(({ msOf }) => [...msOf]) };
}

/** The result of a file's first run. */
interface First {
  readonly file: string;
  readonly failures: readonly Failure[];
  readonly passed: number;
}

/**
 * Runs a file with a failure alone. That run counts, and failures that it does not confirm are
 * flaky.
 */
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
