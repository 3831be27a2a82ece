// What a build says on its stderr: where it is, and its last lines for when it fails.

import { STEP_MARK } from "./pipeline.ts";

/** Lines that are kept for an error. */
const TAIL_LINES = 15;

/** Follows the lines of a build. */
export class BuildLog {
  /** Takes the bytes; can be used once. */
  readonly writable: WritableStream<Uint8Array>;
  #step = "starting";
  #files = 0;
  #tail: string[] = [];
  #onProgress: (step: string, files?: number) => void;

  /** @param onProgress hears of each step, and of each file that is done in it, by their number */
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

  /** What it was doing last. */
  get step(): string {
    return this.#step;
  }

  /** Its last lines. */
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
