// Running a job of a contender in a process of its own, and checking what it put out.

import type { ChildReport } from "./child.ts";

const PROGRAM = new URL("./child.ts", import.meta.url).pathname;

/** How Deno runs a program here: nothing from outside the repository has a say in it. */
export const DENO_RUN: readonly string[] = ["run", "-A", "--quiet", "--no-config", "--no-lock"];

/** A job for a contender. */
export interface ChildJob {
  /** The name of a file in `contenders/`, and of a job in it. */
  readonly contender: string;
  readonly job: string;
  readonly arg?: string;
  /** Calls before those that count. @default 0 */
  readonly warmups?: number;
  /** Calls that count. @default 1 */
  readonly count?: number;
  /** What each call must put out. */
  readonly expected: string;
}

/** Runs a job in a new process. @throws {Error} if it fails or puts out anything else. */
export async function runChild(child: ChildJob): Promise<ChildReport> {
  const { contender, job, arg = "", warmups = 0, count = 1, expected } = child;
  const args = [...DENO_RUN, PROGRAM, contender, job, arg, `${warmups}`, `${count}`];
  const stdout = await outputOf(Deno.execPath(), args);
  const report = JSON.parse(stdout) as ChildReport;
  for (const output of report.outputs) requireOutput(`${contender} (${job})`, output, expected);
  return report;
}

/** The stdout of a program. @throws {Error} if it fails, or has anything to say on stderr. */
export async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const command = new Deno.Command(program, { args: [...args], stdin: "null", env: QUIET });
  const output = await command.output();
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  ) as [string, string];
  if (output.success && stderr === "") return stdout;
  throw new Error(`Cannot measure ${program} ${args.join(" ")} as it failed: ${stderr.trim()}`);
}

/** @throws {Error} if a contender has put out something wrong: its time means nothing then. */
export function requireOutput(contender: string, output: string, expected: string): void {
  if (output === expected) return;
  throw new Error(
    `Cannot measure ${contender} as it must put out ${JSON.stringify(expected)}: ` +
      `it put out ${JSON.stringify(output.slice(0, 200))}`,
  );
}

const QUIET = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
