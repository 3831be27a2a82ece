// Following a job step by what srun says, until its command has started.

import { pause } from "./pause.ts";
import type { QueueWatch } from "./queue.ts";
import { readSrunLog, type StepFacts } from "./srun_log.ts";

/** Milliseconds between looks: at first, after a while, and while the job waits in the queue. */
const LOOK_MS = 40;
const LATER_MS = 200;
const QUEUED_MS = 1000;
const EARLY_LOOKS = 25;

/** What is known of a step whose srun runs. */
export class StepWatch {
  /** Resolves to `JOB.STEP` once the step is launched, or to nothing if it never is. */
  readonly launched: Promise<string | undefined>;
  readonly #read: () => string;
  readonly #queue: QueueWatch;
  readonly #over = Promise.withResolvers<void>();
  #isOver = false;

  /**
   * Begins to look. @param read gives what srun has said so far
   * @param giveUp is told why the job is not to wait any longer
   */
  constructor(read: () => string, queue: QueueWatch, giveUp: (why: string) => void) {
    this.#read = read;
    this.#queue = queue;
    this.launched = this.#look(giveUp);
  }

  /** All that is known now. */
  get facts(): StepFacts {
    return readSrunLog(this.#read());
  }

  /** Ends looking, as srun has ended; the last facts. */
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
