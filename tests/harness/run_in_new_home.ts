// Runs a test command, such as README's second one, in a new home, as a user with only Node.js and
// npm would.

import { openDir } from "../support/open_dir.ts";
import { makeBareEnvironment } from "./bare_environment.ts";
import { followProcess, howEnded } from "./follow_process.ts";
import type { Report } from "./run_parts.ts";
import { show } from "./show.ts";

/** Longer than any run of files may be silent before the command itself kills and reports it. */
const SILENCE_MS = 20 * 60_000;

/** A command that fails sooner than this and without a report has failed in the set-up. */
const SETUP_MS = 10 * 60_000;

/**
 * Runs the command; once more if it fails before the tests start, for example for the network. The
 * home is removed after it, with everything that was fetched and built.
 *
 * @param line a command line of sh
 * @param label the prefix of its lines, if others are shown between them
 * @returns its report; a failure if there is none, or it contradicts the exit status
 */
export async function runInNewHome(line: string, label: string = ""): Promise<Report> {
  const start = performance.now();
  const first = await runOnce(line, label);
  if (first.isReported || performance.now() - start > SETUP_MS) return first.report;
  const second = await runOnce(line, label);
  const flaky = second.isReported ? first.report.failures : [];
  return { ...second.report, flaky: [...flaky, ...second.report.flaky] };
}

async function runOnce(
  line: string,
  label: string,
): Promise<{ readonly report: Report; readonly isReported: boolean }> {
  using folder = openDir();
  const file = `${folder.path}/report.json`;
  const env: Record<string, string> = {
    ...makeBareEnvironment(Deno.env.toObject(), folder.path),
    CI: "true",
    EXECVM_TEST_RETRY_ONCE: "1",
    EXECVM_TEST_REPORT: file,
  };
  show(`\n${label}== ${line}\n   HOME=${env["HOME"]} PATH=${env["PATH"]}`);
  const run = { env, label, clearEnv: true, silenceMs: SILENCE_MS };
  const { status, tail } = await followProcess(["sh", "-c", line], run);
  const report = readReport(file);
  if (report !== undefined && status.success === (report.failures.length === 0)) {
    return { report, isReported: true };
  }
  const text = `it ${howEnded(status)}; it printed last:\n${tail}`;
  const { passed = 0, failures = [], skipped = [], flaky = [], times = [] } = report ?? {};
  const all = { passed, failures: [...failures, { name: line, text }], skipped, flaky, times };
  return { report: all, isReported: report !== undefined };
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(file));
  } catch {
    return undefined; // it did not get that far
  }
}
