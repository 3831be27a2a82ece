// Following a job step by what srun says, until its command has started.

import { whyQueued } from "./cluster.ts";
import { pause } from "./pause.ts";
import { readSrunLog, type StepFacts } from "./srun_log.ts";

/** Milliseconds between looks: at first, after a while, and while the job waits in the queue. */
const LOOK_MS = 40;
const LATER_MS = 200;
const QUEUED_MS = 1000;
const EARLY_LOOKS = 25;

/** Tells of the phases of a step: `queued` and why, and `running` and where. */
type Tell = (phase: string, detail?: string) => void;

/** What is known of a step whose srun runs. */
export class StepWatch {
  /** Resolves to `JOB.STEP` once the step is launched, or to nothing if it never is. */
  readonly launched: Promise<string | undefined>;
  readonly #read: () => string;
  readonly #tell: Tell;
  readonly #over = Promise.withResolvers<void>();
  #isOver = false;
  #told = "";

  /** Begins to look. @param read gives what srun has said so far */
  constructor(read: () => string, tell: Tell) {
    this.#read = read;
    this.#tell = tell;
    this.launched = this.#look();
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

  async #look(): Promise<string | undefined> {
    for (let looks = 0; true; looks++) {
      const facts = this.facts;
      if (facts.isStarted || this.#isOver) {
        if (facts.isStarted) this.#say("running", facts.node);
        return facts.step;
      }
      if (facts.isQueued) await this.#tellWhy(facts.job!);
      const ms = facts.isQueued ? QUEUED_MS : looks < EARLY_LOOKS ? LOOK_MS : LATER_MS;
      await pause(ms, this.#over.promise);
    }
  }

  /** At the very start a job is queued for a moment without a reason. */
  async #tellWhy(job: string): Promise<void> {
    const reason = await whyQueued(job);
    if (reason !== undefined && reason !== "None" && !this.#isOver) this.#say("queued", reason);
  }

  #say(phase: string, detail?: string): void {
    const said = `${phase} ${detail}`;
    if (said === this.#told) return;
    this.#told = said;
    this.#tell(phase, detail);
  }
}
