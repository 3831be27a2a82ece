// Follows the stderr of a build: its current step, and its last lines for errors.

import { STEP_MARK } from "./pipeline.ts";

/** Lines that are kept for an error. */
const TAIL_LINES = 15;

/** Follows the log of a build. */
export class BuildLog {
  /** Receives the bytes of stderr; can be used once. */
  readonly writable: WritableStream<Uint8Array>;
  #step = "starting";
  #files = 0;
  #tail: string[] = [];
  #onProgress: (step: string, files?: number) => void;

  /** @param onProgress called with each step, and with the number of files done in it after each */
  constructor(onProgress: (step: string, files?: number) => void) {
    this.#onProgress = onProgress;
    const decoder = new TextDecoder();
    let rest = "";
    this.writable = new WritableStream({
      write: (chunk) => {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop()!;
        for (const line of lines) this.#take(line);
      },
      close: () => {
        if (rest !== "") this.#take(rest);
      },
    });
  }

  /** The current or last step. */
  get step(): string {
    return this.#step;
  }

  /** The last lines. */
  get tail(): string {
    return this.#tail.join("\n");
  }

  #take(line: string): void {
    if (line.startsWith(STEP_MARK)) {
      this.#step = line.slice(STEP_MARK.length);
      this.#files = 0;
      return this.#onProgress(this.#step);
    }
    // Kbuild's short form of a command: "  CC      fs/open.o".
    if (/^ {2}[A-Z]+ +\S/.test(line)) return this.#onProgress(this.#step, ++this.#files);
    this.#tail = [...this.#tail, line].slice(-TAIL_LINES);
  }
}
