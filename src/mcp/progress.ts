// Sends the progress of a call to its client, at a bounded rate.

/** The least time between two notifications, in milliseconds. */
const INTERVAL_MS = 250;

/**
 * The time after which a message is repeated with its duration, in milliseconds: clients can take
 * silence for a server that hangs.
 */
const REPEAT_MS = 10_000;

/** How often progress is sent. */
export interface ProgressTimes {
  /** The least time between two notifications, in milliseconds. @default 250 */
  readonly intervalMs?: number;
  /** The time after which a message is repeated, in milliseconds. @default 10000 */
  readonly repeatMs?: number;
}

/** A notification: a number that only increases, and a text. */
export interface ProgressUpdate {
  readonly progress: number;
  readonly message: string;
}

/** Sends an update. Resolves once it is written. */
export type SendProgress = (update: ProgressUpdate) => Promise<void>;

/**
 * Sends the latest message, whenever it has changed and the previous one has been written, and
 * repeats it while it stays.
 */
export class Progress implements Disposable {
  readonly #send: SendProgress | undefined;
  readonly #intervalMs: number;
  readonly #repeatMs: number;
  #message = "";
  #sinceMs = 0;
  #sent = "";
  #sentMs = -Infinity;
  #count = 0;
  #isSending = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  /** @param send `undefined` if the client has not asked for progress */
  constructor(
    send: SendProgress | undefined,
    { intervalMs = INTERVAL_MS, repeatMs = REPEAT_MS }: ProgressTimes = {},
  ) {
    this.#send = send;
    this.#intervalMs = intervalMs;
    this.#repeatMs = repeatMs;
  }

  /** Sets the message: a line about what is being done. */
  report(message: string): void {
    if (this.#send === undefined || this.#isOver || message === this.#message) return;
    this.#message = message;
    this.#sinceMs = performance.now();
    this.#schedule();
  }

  /** Ends it: nothing more is sent. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#isSending || this.#isOver) return;
    const pauseMs = this.#message === this.#sent ? this.#repeatMs : this.#intervalMs;
    const waitMs = this.#sentMs + pauseMs - performance.now();
    if (waitMs <= 0) return void this.#flush();
    this.#timer = setTimeout(() => void this.#flush(), waitMs);
  }

  async #flush(): Promise<void> {
    const seconds = Math.round((performance.now() - this.#sinceMs) / 1000);
    const isRepeated = this.#message === this.#sent;
    const message = isRepeated ? `${this.#message} (${seconds} s)` : this.#message;
    this.#sent = this.#message;
    this.#isSending = true;
    try {
      await this.#send!({ progress: ++this.#count, message });
    } catch {
      this[Symbol.dispose](); // the client is gone
    } finally {
      this.#isSending = false;
    }
    this.#sentMs = performance.now();
    this.#schedule();
  }
}
