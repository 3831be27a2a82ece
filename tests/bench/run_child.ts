// Runs a job of a contender in a separate process, and checks its output.

import type { ChildReport } from "./child.ts";

const PROGRAM = new URL("./child.ts", import.meta.url).pathname;

/**
 * Deno's arguments to run a program here, independent of any configuration outside the repository.
 */
export const DENO_RUN: readonly string[] = ["run", "-A", "--quiet", "--no-config", "--no-lock"];

/** A job for a contender. */
export interface ChildJob {
  /** The name of a file in `contenders/`, and that of a job in it. */
  readonly contender: string;
  readonly job: string;
  readonly arg?: string;
  /** The number of warm-up calls. @default 0 */
  readonly warmups?: number;
  /** The number of measured calls. @default 1 */
  readonly count?: number;
  /** The output that each call must have. */
  readonly expected: string;
}

/** Runs a job in a new process. @throws {Error} if it fails or has another output. */
export async function runChild(child: ChildJob): Promise<ChildReport> {
  const { contender, job, arg = "", warmups = 0, count = 1, expected } = child;
  const args = [...DENO_RUN, PROGRAM, contender, job, arg, `${warmups}`, `${count}`];
  const stdout = await outputOf(Deno.execPath(), args);
  const report = JSON.parse(stdout) as ChildReport;
  for (const output of report.outputs) requireOutput(`${contender} (${job})`, output, expected);
  return report;
}

/** Runs a program and returns its stdout. @throws {Error} if it fails, or writes to stderr. */
export async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const command = new Deno.Command(program, { args: [...args], stdin: "null", env: QUIET });
  const output = await command.output();
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  ) as [string, string];
  if (output.success && stderr === "") return stdout;
  throw new Error(`cannot measure ${program} ${args.join(" ")}: it failed: ${stderr.trim()}`);
}

/** @throws {Error} if the output of a contender is wrong, as its time is then meaningless. */
export function requireOutput(contender: string, output: string, expected: string): void {
  if (output === expected) return;
  throw new Error(
    `cannot measure ${contender}: it must put out ${JSON.stringify(expected)}: ` +
      `its output was ${JSON.stringify(output.slice(0, 200))}`,
  );
}

const QUIET = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
