// Keeps the last bytes of a stream.

import { StderrTail } from "./stderr_tail.ts";

/** Receives a chunk; it must not reject. */
export type OnChunk = (chunk: Uint8Array) => Promise<void>;

/** Reads a stream to its end in the background and keeps its last 8 KiB. */
export class StreamTail {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #tail = new StderrTail();
  readonly #onChunk: OnChunk | undefined;
  /** Resolves when the stream has ended or failed. */
  readonly ended: Promise<void>;

  /** @param onChunk called with all that is read; the next chunk waits for it */
  constructor(stream: ReadableStream<Uint8Array>, onChunk?: OnChunk) {
    this.#onChunk = onChunk;
    this.#reader = stream.getReader();
    this.ended = this.#read().catch(() => {});
  }

  async #read(): Promise<void> {
    for (let chunk; !(chunk = await this.#reader.read()).done;) {
      this.#tail.push(chunk.value);
      await this.#onChunk?.(chunk.value);
    }
  }

  /** Cancels the stream. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
    await this.ended;
  }

  /** Returns the last bytes read so far, as text. */
  toString(): string {
    return this.#tail.toString();
  }
}
