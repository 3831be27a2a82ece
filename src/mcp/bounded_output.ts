// Output of a run, kept up to a limit.

import type { OpenSink } from "../io/sink.ts";
import type { SinkNode } from "../model/nodes.ts";

type Bytes = Uint8Array;

/** Thrown by what takes bytes when it is full; seen by nobody outside of here. */
class Full extends Error {}

/** The first bytes of a stream. */
export class FirstBytes {
  readonly #maxBytes: number;
  readonly #chunks: Bytes[] = [];
  #length = 0;
  #isCut = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether there was more. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Takes what there is room for; whether that was all. */
  push(chunk: Bytes): boolean {
    const taken = chunk.subarray(0, this.#maxBytes - this.#length);
    this.#chunks.push(taken);
    this.#length += taken.length;
    this.#isCut ||= taken.length < chunk.length;
    return taken.length === chunk.length;
  }

  /** All of them. */
  bytes(): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    return joined;
  }
}

/** A sink that keeps the first bytes, and then reads no more, so that a command is told by SIGPIPE. */
export function boundedSink(first: FirstBytes): OpenSink & { readonly node: SinkNode } {
  const write = (chunk: Bytes) => {
    if (!first.push(chunk)) throw new Full();
  };
  return {
    node: { type: "stream", writable: new WritableStream() },
    async consume(readable, signal) {
      try {
        await readable.pipeTo(new WritableStream({ write }), { signal });
      } catch (error) {
        if (!(error instanceof Full)) throw error;
      }
    },
    async commit() {},
    async abort() {},
    [Symbol.dispose]() {},
  };
}

/** Bytes as a result holds them: text if it is UTF-8, else base64. */
export function toContent(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: bytes.toBase64() };
  }
}
