// The descriptions of steps to start.

import type { Copier } from "../contract/copies.ts";
import type { OnPhase } from "../contract/runner.ts";
import type { GivenSlurmOptions } from "./options.ts";
import type { StepRequest } from "./srun_argv.ts";

/** The job of a command, and the listener for its phases. */
export interface SlurmStep {
  readonly options: GivenSlurmOptions;
  readonly job: StepRequest["job"];
  /** The name of the job that srun creates, if it creates one; unique. */
  readonly name: string;
  readonly onPhase: OnPhase | undefined;
  /** How long it may wait in the queue, in milliseconds. @default no limit */
  readonly queueMs?: number;
  /** Copies files, if there are any to copy. */
  readonly copier?: Copier | undefined;
}

/** A step in a job that exists, for a command whose files have been copied. */
export interface FilledStep extends Omit<SlurmStep, "copier"> {
  /** The private folder of the run on the node, if it has one. */
  readonly folder?: string | undefined;
}
