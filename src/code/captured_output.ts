// Captures the output of code: keeps a limited part and discards the rest, so that the code never
// blocks.

import type { Output } from "../vm/output_copy.ts";

/** Reads all of a stream and keeps its beginning. */
export class CapturedOutput implements Output {
  /** Never resolves, because reading never stops early. */
  readonly gone: Promise<void> = new Promise(() => {});
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  readonly #maxBytes: number;
  readonly #listen: (chunk: Uint8Array) => void;
  #bytes = 0;

  /** @param listen called with each chunk */
  constructor(maxBytes: number, listen: (chunk: Uint8Array) => void) {
    this.#maxBytes = maxBytes;
    this.#listen = listen;
  }

  write(chunk: Uint8Array): Promise<boolean> {
    const room = Math.max(0, this.#maxBytes - this.#bytes);
    if (room > 0) this.#chunks.push(chunk.slice(0, room));
    this.#bytes += chunk.length;
    this.#listen(chunk);
    return Promise.resolve(true);
  }

  /** Whether there was more than was kept. */
  get isTruncated(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  /** The kept part as text; bytes that are not UTF-8 become U+FFFD. */
  async text(): Promise<string> {
    return await new Blob(this.#chunks).text();
  }
}
