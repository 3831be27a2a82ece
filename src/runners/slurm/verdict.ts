// Derives how the command ended from how srun ended and what it logged. Pure.

import { type SignalName, signalName } from "../../libc/signals.ts";
import type { ExitStatus } from "../../libc/spawn.ts";
import { NO_FOLDER } from "./remote_program.ts";
import { NEVER_GIVEN } from "./queue.ts";
import type { StepFacts } from "./srun_log.ts";
import { readCancellation } from "./stepd_words.ts";

/** How srun ended. */
export interface SrunEnd {
  readonly status: ExitStatus;
  /** What it has logged. */
  readonly facts: Pick<StepFacts, "step" | "taskStatus" | "errors">;
  /** The end of the command's stderr, where Slurm reports why it ends a step. */
  readonly words: string;
  /** The last fatal signal that we sent to the command. */
  readonly fatal: SignalName | undefined;
}

/** sh(1): there is no such command. */
const NOT_FOUND = 127;

/**
 * How the command ended: with an exit code as a shell reports it, by a signal, or unknown, as Slurm
 * failed.
 */
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
  if (status.signal !== undefined) return { failure: `srun was killed by ${status.signal}` };
  return { failure: explain(errors, status) };
}

/** The task is our program on the node: if that died of a signal, it was killed from outside. */
function interpretTask(taskStatus: number, fatal: SignalName | undefined): Verdict {
  const number = taskStatus & 0x7f;
  if (number === 0) return { exitCode: taskStatus >> 8 & 0xff };
  const signal = signalName(number);
  if (signal === NO_FOLDER) return { failure: "its folder does not exist, or is not a folder" };
  return { signal: fatal ?? signal };
}

/** Returns why Slurm itself ended the job; `undefined` if it did not. */
function cancellation({ words, facts: { step, errors } }: SrunEnd): string | undefined {
  const node = errors.find((line) => /^Node failure on /.test(line));
  if (node !== undefined) return `its node went down: ${node}`;
  const cancelled = readCancellation(words, step);
  if (cancelled === undefined) return undefined;
  const { reason } = cancelled;
  if (reason === "TIME LIMIT") return "its job has reached its time limit: raise it, or set none";
  if (reason === "NODE FAILURE") return "its node went down";
  return reason === undefined ? "its job was cancelled" : `its job was cancelled due to ${reason}`;
}

/** The messages of srun and salloc if a job is refused. */
const REFUSED = /^(?:Unable to allocate resources|Job submit\/allocate failed): /;

/** Returns the decisive error of srun, and what to do about it if srun does not say that itself. */
export function explain(errors: readonly string[], { code }: ExitStatus): string {
  if (code === NOT_FOUND && errors.length === 0) {
    return "srun and salloc are not here: run this where you submit jobs";
  }
  const last = errors.findLast((line) => REFUSED.test(line)) ?? errors[0] ??
    "srun ended without a message";
  const fact = last.replace(REFUSED, "");
  if (/Invalid partition/.test(fact)) return `Slurm reports: ${fact}. sinfo lists the valid ones`;
  if (/Invalid account/.test(fact)) {
    return `Slurm reports: ${fact}. sacctmgr show assoc lists yours`;
  }
  // This is 24.11; with 22.05 and 26.05 such a job is queued for an equivalent reason.
  if (fact === "Requested node configuration is not available") return `${NEVER_GIVEN}: ${fact}`;
  return `Slurm reports: ${fact}`;
}
