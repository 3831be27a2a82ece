// Watches a job that waits in the queue: reports why it waits, and decides when to give it up.

import { whyQueued } from "./cluster.ts";

/** Called with each phase of a command: a word, and a line for people. */
export type Tell = (phase: string, detail?: string) => void;

/** The error for a job that the cluster can never start. */
export const NEVER_GIVEN = "the cluster can never grant what its job requests";

/** Slurm's reasons that do not go away by waiting, given the cluster's configuration. */
const HOPELESS =
  /^(BadConstraints|PartitionConfig|PartitionNodeLimit|PartitionTimeLimit|Invalid(Account|QOS)|QOSNotAllowed|AccountNotAllowed)$/;

/** Asks Slurm why a job waits, at each call of `look`. */
export class QueueWatch {
  readonly #onPhase: Tell;
  readonly #limitMs: number;
  readonly #since = performance.now();
  #told = "";

  /** @param limitMs how long the job may wait from now on; `Infinity` sets no limit */
  constructor(onPhase: Tell, limitMs: number) {
    this.#onPhase = onPhase;
    this.#limitMs = limitMs;
  }

  /**
   * Checks a queued job and reports its reason as a phase. Returns why to give the job up, if so.
   */
  async look(job: string): Promise<string | undefined> {
    const reason = await whyQueued(job);
    // A new job is briefly queued without a reason.
    if (reason === undefined || reason === "None") return undefined;
    if (HOPELESS.test(reason)) {
      return `${NEVER_GIVEN}: ${reason}`;
    }
    this.say("queued", reason);
    if (performance.now() - this.#since < this.#limitMs) return undefined;
    const seconds = this.#limitMs / 1000;
    return `its job is still queued after ${seconds} s (${reason}), ` +
      "and other commands of the pipeline wait for it";
  }

  /** Reports a phase, unless it is the same as the last one. */
  say(phase: string, detail?: string): void {
    const said = `${phase} ${detail}`;
    if (said === this.#told) return;
    this.#told = said;
    this.#onPhase(phase, detail);
  }
}
