// Captures the output of code: keeps a limited part and discards the rest, so that the code never
// blocks.

import { BoundedOutput } from "../io/bounded_output.ts";
import type { Output } from "../vm/output_copy.ts";

/** Reads all of a stream and keeps its beginning. */
export class CapturedOutput implements Output {
  /** Never resolves, because reading never stops early. */
  readonly gone: Promise<void> = new Promise(() => {});
  readonly #kept: BoundedOutput;
  readonly #listen: (chunk: Uint8Array) => void;

  /** @param listen called with each chunk */
  constructor(maxBytes: number, listen: (chunk: Uint8Array) => void) {
    this.#kept = new BoundedOutput(maxBytes);
    this.#listen = listen;
  }

  write(chunk: Uint8Array): Promise<boolean> {
    this.#kept.push(chunk);
    this.#listen(chunk);
    return Promise.resolve(true);
  }

  /** Whether there was more than was kept. */
  get isTruncated(): boolean {
    return this.#kept.isTruncated;
  }

  /** The kept part as text; bytes that are not UTF-8 become U+FFFD. */
  async text(): Promise<string> {
    return await new Blob([...this.#kept.chunks]).text();
  }
}
