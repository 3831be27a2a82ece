// What the end of srun means for the command that it ran. Pure.

import { type SignalName, signalName } from "../../libc/signals.ts";
import type { ExitStatus } from "../../libc/spawn.ts";
import { NO_FOLDER } from "./remote_program.ts";
import { NEVER_GIVEN } from "./queue.ts";
import type { StepFacts } from "./srun_log.ts";
import { readCancellation } from "./stepd_words.ts";

/** How srun ended. */
export interface SrunEnd {
  readonly status: ExitStatus;
  /** What it has said. */
  readonly facts: Pick<StepFacts, "step" | "taskStatus" | "errors">;
  /** The last words on the command's stderr, where Slurm says why it ends a step. */
  readonly words: string;
  /** The last signal from us that was to end the command. */
  readonly fatal: SignalName | undefined;
}

/** sh(1): there is no such command. */
const NOT_FOUND = 127;

/** How the command ended: with this code as a shell tells it, by this signal, or not, as Slurm failed. */
export type Verdict =
  | { readonly exitCode: number }
  | { readonly signal: SignalName }
  | { readonly failure: string };

/** Decides how the command ended. */
export function interpretExit(end: SrunEnd): Verdict {
  const { status, facts: { taskStatus, errors }, fatal } = end;
  const reason = fatal === undefined && taskStatus !== 0 ? cancellation(end) : undefined;
  if (reason !== undefined) return { failure: reason };
  if (taskStatus !== undefined) return interpretTask(taskStatus, fatal);
  if (fatal !== undefined) return { signal: fatal };
  if (status.signal !== undefined) return { failure: `srun was ended by ${status.signal}` };
  return { failure: explain(errors, status) };
}

/** A task that died itself and not its command was ended from outside. */
function interpretTask(taskStatus: number, fatal: SignalName | undefined): Verdict {
  const number = taskStatus & 0x7f;
  if (number === 0) return { exitCode: taskStatus >> 8 & 0xff };
  const signal = signalName(number);
  if (signal === NO_FOLDER) return { failure: "its folder is not there, or is none" };
  return { signal: fatal ?? signal };
}

/** Why Slurm ended the job by itself. */
function cancellation({ words, facts: { step, errors } }: SrunEnd): string | undefined {
  const node = errors.find((line) => /^Node failure on /.test(line));
  if (node !== undefined) return `its node went down: ${node}`;
  const cancelled = readCancellation(words, step);
  if (cancelled === undefined) return undefined;
  const { reason } = cancelled;
  if (reason === "TIME LIMIT") return "the time limit of its job is over: give it more, or none";
  if (reason === "NODE FAILURE") return "its node went down";
  return reason === undefined ? "its job was cancelled" : `its job was cancelled due to ${reason}`;
}

/** How srun and salloc say that there will be no job. */
const REFUSED = /^(?:Unable to allocate resources|Job submit\/allocate failed): /;

/** What srun says is wrong, and what to do where it does not say that itself. */
export function explain(errors: readonly string[], { code }: ExitStatus): string {
  if (code === NOT_FOUND && errors.length === 0) {
    return "srun and salloc are not here: work where you would submit jobs";
  }
  const last = errors.findLast((line) => REFUSED.test(line)) ?? errors[0] ??
    "srun ended without a word";
  const fact = last.replace(REFUSED, "");
  if (/Invalid partition/.test(fact)) return `Slurm says: ${fact}. sinfo lists those that are`;
  if (/Invalid account/.test(fact)) return `Slurm says: ${fact}. sacctmgr show assoc lists yours`;
  // So it is with 24.11; with 22.05 and 26.05 such a job waits in the queue, for a reason that says the same.
  if (fact === "Requested node configuration is not available") return `${NEVER_GIVEN}: ${fact}`;
  return `Slurm says: ${fact}`;
}
