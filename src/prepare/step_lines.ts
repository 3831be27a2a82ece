// Reports the steps of a preparation on stderr, for a run that has no other progress display.

import { writeStderr } from "../host/stderr_tail.ts";

/** Milliseconds after which a step that is still in progress is reported again. */
const AGAIN_MS = 10_000;

/** Writes a line. */
type Write = (line: string) => void;

/** Writes one line per step, and one each ten seconds while a step lasts. Disposing it ends that. */
export class StepLines implements Disposable {
  readonly #subject: string;
  readonly #write: Write | undefined;
  readonly #startMs = performance.now();
  #timer: ReturnType<typeof setInterval> | undefined;
  #step = "";
  #files: number | undefined;

  /**
   * @param subject what is prepared, such as `debian:bookworm`
   * @param write writes a line; default: to our stderr, if that is a terminal
   */
  constructor(subject: string, write: Write | undefined = onTerminal()) {
    this.#subject = subject;
    this.#write = write;
  }

  /** Reports a step, or how many of its files are done. */
  readonly step = (step: string, files?: number): void => {
    this.#files = files;
    if (this.#write === undefined || step === this.#step) return;
    this.#step = step;
    this.#write(`${this.#subject}: ${step}`);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#again(), AGAIN_MS);
    Deno.unrefTimer(this.#timer);
  };

  #again(): void {
    const files = this.#files === undefined ? "" : `, ${this.#files} files`;
    const seconds = Math.round((performance.now() - this.#startMs) / 1000);
    this.#write?.(`${this.#subject}: ${this.#step}${files}, ${seconds} s`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function onTerminal(): Write | undefined {
  if (!Deno.stderr.isTerminal()) return undefined;
  return (line) => void writeStderr(new TextEncoder().encode(`execvm: ${line}\n`));
}
