// A job that waits in the queue: telling why, and giving it up.

import { whyQueued } from "./cluster.ts";

/** Tells of the phases of a command: a word, and a line for people. */
export type Tell = (phase: string, detail?: string) => void;

/** What is said of a job that no waiting brings. */
export const NEVER_GIVEN = "the cluster never gives what its job asks for";

/** Reasons that no waiting ends: the cluster as it is set up never gives what the job asks for. */
const HOPELESS =
  /^(BadConstraints|PartitionConfig|PartitionNodeLimit|PartitionTimeLimit|Invalid(Account|QOS)|QOSNotAllowed|AccountNotAllowed)$/;

/** Asks why a job waits, as often as it is looked at. */
export class QueueWatch {
  readonly #onPhase: Tell;
  readonly #limitMs: number;
  readonly #since = performance.now();
  #told = "";

  /** @param limitMs how long it may wait, from now on: without end if that is `Infinity` */
  constructor(onPhase: Tell, limitMs: number) {
    this.#onPhase = onPhase;
    this.#limitMs = limitMs;
  }

  /** Looks at a job that waits, and tells; why it is to be given up, if it is. */
  async look(job: string): Promise<string | undefined> {
    const reason = await whyQueued(job);
    // At the very start a job is queued for a moment without a reason.
    if (reason === undefined || reason === "None") return undefined;
    if (HOPELESS.test(reason)) {
      return `${NEVER_GIVEN}: ${reason}`;
    }
    this.say("queued", reason);
    if (performance.now() - this.#since < this.#limitMs) return undefined;
    const seconds = this.#limitMs / 1000;
    return `its job still waits after ${seconds} s (${reason}), and other commands of the pipeline for it`;
  }

  /** Tells of a phase, unless that was told last. */
  say(phase: string, detail?: string): void {
    const said = `${phase} ${detail}`;
    if (said === this.#told) return;
    this.#told = said;
    this.#onPhase(phase, detail);
  }
}
