// The output of code: so much of it is kept, and the rest is taken and dropped, so that the code goes on.

import type { Output } from "../vm/output_copy.ts";

/** Takes all of a stream. */
export class CapturedOutput implements Output {
  /** Nobody ever stops taking. */
  readonly gone: Promise<void> = new Promise(() => {});
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  readonly #maxBytes: number;
  readonly #listen: (chunk: Uint8Array) => void;
  #bytes = 0;

  /** @param listen is told of each chunk */
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

  /** Whether there was more than is kept. */
  get isTruncated(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  /** What is kept; bytes that are no UTF-8 become U+FFFD. */
  async text(): Promise<string> {
    return await new Blob(this.#chunks).text();
  }
}
