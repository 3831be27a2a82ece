// Short orders and questions to the cluster, by Slurm's own programs. Nothing here throws: a cluster that is
// gone says no.

import { toolArgv } from "../../host/program_path.ts";
import { isFatal, type SignalName, signalNumber } from "../../libc/signals.ts";

/** How long one may take, in milliseconds. */
const LIMIT_MS = 10_000;

/** The argv that cancels whatever jobs of ours have a name. */
export function cancelArgv(name: string): readonly string[] {
  return ["scancel", "--me", "--quiet", `--name=${name}`];
}

/** Cancels whatever jobs of ours have a name, which was used for no others. */
export async function cancelJobs(name: string): Promise<void> {
  await ask(cancelArgv(name));
}

/**
 * Sends a signal to all processes of a step. What may end them finds them stopped: Slurm reads who is whose
 * child and then sends to one after the other, so that what is forked meanwhile by one that dies would be
 * nobody's, and would keep the step and with it the node.
 *
 * @param step as `JOB.STEP`
 */
export async function signalStep(step: string, signal: SignalName): Promise<void> {
  const signals: SignalName[] = isFatal(signal) ? ["SIGSTOP", signal, "SIGCONT"] : [signal];
  for (const each of signals) {
    await ask(["scancel", "--quiet", `--signal=${signalNumber(each)}`, step]);
  }
}

/** Why a job waits, as Slurm puts it, such as `Resources`; `undefined` if it does not. */
export async function whyQueued(job: string): Promise<string | undefined> {
  const said = await ask(["squeue", "--noheader", `--jobs=${job}`, "--states=PENDING", "-o", "%r"]);
  const reason = said?.trim();
  return reason === "" ? undefined : reason;
}

/** Whether there are jobs of ours of a name that are not over; `undefined` if nobody says. */
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
