// Follows a job step by the log of srun, until its command has started.

import { pause } from "./pause.ts";
import type { QueueWatch } from "./queue.ts";
import { readSrunLog, type StepFacts } from "./srun_log.ts";

/**
 * How often the log is read, in milliseconds: for the first looks, then, and while the job is
 * queued.
 */
const LOOK_MS = 40;
const LATER_MS = 200;
const QUEUED_MS = 1000;
const EARLY_LOOKS = 25;

/** Watches the step of a running srun. */
export class StepWatch {
  /**
   * Resolves to `JOB.STEP` once the command has started or srun has ended; `undefined` if it was
   * never launched.
   */
  readonly launched: Promise<string | undefined>;
  readonly #read: () => string;
  readonly #queue: QueueWatch;
  readonly #over = Promise.withResolvers<void>();
  #isOver = false;

  /**
   * Begins to watch.
   *
   * @param read returns the log so far
   * @param giveUp called with the reason if the job must not wait any longer
   */
  constructor(read: () => string, queue: QueueWatch, giveUp: (why: string) => void) {
    this.#read = read;
    this.#queue = queue;
    this.launched = this.#look(giveUp);
  }

  /** What the log says now. */
  get facts(): StepFacts {
    return readSrunLog(this.#read());
  }

  /** To be called when srun has ended: stops watching and returns the final facts. */
  async end(): Promise<StepFacts> {
    this.#isOver = true;
    this.#over.resolve();
    await this.launched;
    return this.facts;
  }

  async #look(giveUp: (why: string) => void): Promise<string | undefined> {
    for (let looks = 0; true; looks++) {
      const facts = this.facts;
      if (facts.isStarted) this.#queue.say("running", facts.node);
      if (facts.isStarted || this.#isOver) return facts.step;
      const why = facts.isQueued ? await this.#queue.look(facts.job!) : undefined;
      if (why !== undefined) giveUp(why);
      const ms = facts.isQueued ? QUEUED_MS : looks < EARLY_LOOKS ? LOOK_MS : LATER_MS;
      await pause(ms, this.#over.promise);
    }
  }
}
