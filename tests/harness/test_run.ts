// Runs one `deno test`, shows its output and parses it.

import { type Followed, followProcess, howEnded } from "./follow_process.ts";
import { type Failure, TestLog } from "./test_log.ts";

/** Tests that run in the same way. */
export interface Part {
  readonly title: string;
  /** Test files, or sources with examples: paths relative to the checkout. */
  readonly files: readonly string[];
  /** Options of `deno test`. */
  readonly flags: readonly string[];
  /** @default the Deno that runs this */
  readonly deno?: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** The results of the files of a run. */
export interface Outcome {
  /** How many tests of each file passed. */
  readonly passedIn: ReadonlyMap<string, number>;
  /** How long each file took, in milliseconds. */
  readonly msOf: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
  readonly skipped: readonly string[];
  /** The files that were not started, because the run broke off. */
  readonly left: readonly string[];
  /** Whether it broke off, or failed outside of tests. */
  readonly broke: boolean;
}

/**
 * Runs files of a part in one `deno test`.
 *
 * @param label the prefix of its lines, if others run concurrently
 */
export async function denoTest(
  { deno = [Deno.execPath()], flags, env }: Part,
  files: readonly string[],
  label: string = "",
): Promise<Outcome> {
  const log = new TestLog();
  const argv = [...deno, "test", ...flags, ...files] as const;
  const followed = await followProcess(argv, { env, label, take: (line) => log.take(line) });
  return conclude(log, followed, files);
}

/** Returns the results in a log, with a failure added if the run did not end properly. */
function conclude(log: TestLog, { status, tail }: Followed, files: readonly string[]): Outcome {
  const { passedIn, msOf, skipped } = log;
  const failures = log.failures();
  const isWhole = log.summary !== undefined && failures.length === log.summary.failed;
  if (isWhole && status.success === (failures.length === 0)) {
    return { passedIn, msOf, failures, skipped, left: [], broke: false };
  }
  const file = log.summary !== undefined ? undefined : log.files.at(-1);
  const where = file === undefined ? "" : ` at "${log.current ?? file}"`;
  const name = `deno test ${howEnded(status)}${where}`;
  const last = { name, ...(file !== undefined && { file }), text: `it printed last:\n${tail}` };
  const left = file === undefined ? [] : files.filter((it) => !log.files.includes(it));
  return { passedIn, msOf, skipped, failures: [...failures, last], left, broke: true };
}
