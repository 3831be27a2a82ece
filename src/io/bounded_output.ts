// Keeps the beginning of an output, up to a limit.

type Bytes = Uint8Array;

/** Keeps the first bytes that are pushed; the rest is only counted. */
export class BoundedOutput {
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds a chunk, which remains the caller's. */
  push(chunk: Bytes): void {
    const room = Math.max(0, this.#maxBytes - this.#bytes);
    if (room > 0) this.#chunks.push(chunk.slice(0, room));
    this.#bytes += chunk.length;
  }

  /** Whether there was more than was kept. */
  get isTruncated(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  /** What was kept, in the chunks that it came in. */
  get chunks(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#chunks;
  }
}
