// Keeps the output of a run up to a limit.

import type { OpenSink } from "../io/sink.ts";
import type { SinkNode } from "../model/nodes.ts";

type Bytes = Uint8Array;

/** Thrown when the limit is reached; never leaves this module. */
class Full extends Error {}

/** Collects the first bytes of a stream. */
export class FirstBytes {
  readonly #maxBytes: number;
  readonly #chunks: Bytes[] = [];
  #length = 0;
  #isCut = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether bytes beyond the limit were dropped. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Keeps as much of a chunk as there is room for; returns whether that was all of it. */
  push(chunk: Bytes): boolean {
    const taken = chunk.subarray(0, this.#maxBytes - this.#length);
    this.#chunks.push(taken);
    this.#length += taken.length;
    this.#isCut ||= taken.length < chunk.length;
    return taken.length === chunk.length;
  }

  /** Returns the collected bytes. */
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

/** Returns a sink that fills `first`, then stops reading, so that the last command gets SIGPIPE. */
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

/** Returns the bytes in the form of a result: as text if they are UTF-8, otherwise as base64. */
export function toContent(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: bytes.toBase64() };
  }
}
