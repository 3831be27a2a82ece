// Queries and controls the cluster by short runs of Slurm's own programs. Nothing here throws: a
// cluster that does not answer gives a negative result.

import { toolArgv } from "../../host/program_path.ts";
import { isFatal, type SignalName, signalNumber } from "../../libc/signals.ts";

/** How long a run may take, in milliseconds. */
const LIMIT_MS = 10_000;

/** Returns the argv that cancels all jobs of this user with a name. */
export function cancelArgv(name: string): readonly string[] {
  return ["scancel", "--me", "--quiet", `--name=${name}`];
}

/** Cancels all jobs of this user with a name, which must be unique to this purpose. */
export async function cancelJobs(name: string): Promise<void> {
  await ask(cancelArgv(name));
}

/**
 * Sends a signal to all processes of a step. They are stopped around a fatal one: Slurm reads the
 * process tree, then signals one process after the other. A child that a dying process forks
 * meanwhile would be missed, and would keep the step and its node occupied.
 *
 * @param step as `JOB.STEP`, or a job, of which all steps get it
 */
export async function signalStep(step: string, signal: SignalName): Promise<void> {
  const signals: SignalName[] = isFatal(signal) ? ["SIGSTOP", signal, "SIGCONT"] : [signal];
  for (const each of signals) {
    await ask(["scancel", "--quiet", `--signal=${signalNumber(each)}`, step]);
  }
}

/** Returns Slurm's reason why a job is pending, such as `Resources`; `undefined` if it is not. */
export async function whyQueued(job: string): Promise<string | undefined> {
  const said = await ask(["squeue", "--noheader", `--jobs=${job}`, "--states=PENDING", "-o", "%r"]);
  const reason = said?.trim();
  return reason === "" ? undefined : reason;
}

/** Whether this user has unfinished jobs with a name; `undefined` if Slurm does not answer. */
export async function hasJobs(name: string): Promise<boolean | undefined> {
  const said = await ask(["squeue", "--noheader", "--me", `--name=${name}`, "-o", "%i"]);
  return said === undefined ? undefined : said.trim() !== "";
}

async function ask(argv: readonly string[]): Promise<string | undefined> {
  const [program, ...args] = toolArgv(argv);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIMIT_MS);
  try {
    const { success, stdout } = await new Deno.Command(program!, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: limit.signal,
    }).output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
