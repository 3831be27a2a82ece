// The last bytes of a stream that is read to its end, however long it is.

import { StderrTail } from "./stderr_tail.ts";

/** Reads a stream from now on and keeps its last 8 KiB. */
export class StreamTail {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #tail = new StderrTail();
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.ended = this.#read().catch(() => {});
  }

  async #read(): Promise<void> {
    for (let chunk; !(chunk = await this.#reader.read()).done;) this.#tail.push(chunk.value);
  }

  /** Reads no further. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
    await this.ended;
  }

  /** What has been read last. */
  toString(): string {
    return this.#tail.toString();
  }
}
