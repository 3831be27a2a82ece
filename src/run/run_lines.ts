// The lines of a running pipeline, which ends with the loop over them.

import type { LineIterator, RunningPipeline } from "../model/running_pipeline.ts";

type Next = IteratorResult<string, undefined>;

/**
 * The lines of a pipeline. After the last one, `next` rejects if the pipeline failed. Leaving it
 * ends the pipeline and waits for that.
 */
export class RunLines implements LineIterator {
  readonly #start: () => RunningPipeline;
  #running: RunningPipeline | undefined;
  #lines: LineIterator | undefined;
  #isOver = false;

  /** @param start called once, when the first line is requested */
  constructor(start: () => RunningPipeline) {
    this.#start = start;
  }

  async next(): Promise<Next> {
    if (this.#isOver) return { done: true, value: undefined };
    const lines = this.#lines ??= this.#begin();
    let next: Next;
    try {
      next = await lines.next();
    } catch (error) {
      if (this.#isOver) return { done: true, value: undefined };
      await this.return();
      throw error; // a failed pipeline has failed its output with its own error
    }
    if (next.done !== true || this.#isOver) return next;
    this.#isOver = true;
    await this.#running!.result;
    return next;
  }

  async return(): Promise<Next> {
    this.#isOver = true;
    await this.#running?.[Symbol.asyncDispose]();
    await this.#lines?.return();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): RunLines {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #begin(): LineIterator {
    this.#running = this.#start();
    return this.#running.stdout!.lines();
  }
}
