// A command that runs tests, such as README's second one as it stands there: in a new home, as a user has it
// who has Node.js and npm only.

import { openDir } from "../support/open_dir.ts";
import { makeBareEnvironment } from "./bare_environment.ts";
import { followProcess, howEnded } from "./follow_process.ts";
import type { Report } from "./run_parts.ts";
import { show } from "./show.ts";

/** Longer than any run of files may be silent before it is killed, which the command reports itself. */
const SILENCE_MS = 20 * 60_000;

/** A command that has failed sooner than this, and without a report, has failed while it set things up. */
const SETUP_MS = 10 * 60_000;

/**
 * Runs the command; once more if it fails before it comes to the tests, as the network may. The home is
 * removed after it, with all that was fetched and made.
 *
 * @param line a command line of sh
 * @param label what its lines begin with, where others are shown between them
 * @returns what it reports; a failure if it reports nothing, or not what its exit status says
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
    return undefined; // it has not come to that
  }
}
