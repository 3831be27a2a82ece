// Makes the stdin of a running pipeline, which its user writes to.

import { EndpointError } from "../model/errors.ts";
import type { InputStream } from "../model/running_pipeline.ts";

type Chunk = string | Uint8Array;

const encoder = new TextEncoder();

/** A stdin: what the user writes to, and the source that the pipeline reads. */
export interface PipedInput {
  readonly writable: InputStream;
  readonly readable: ReadableStream<Uint8Array>;
}

/** The stream that the user writes to. */
class PipedStdin extends WritableStream<Chunk> implements InputStream {
  async write(chunk: Chunk): Promise<void> {
    const writer = this.getWriter();
    const written = writer.write(chunk);
    writer.releaseLock();
    await written;
  }
}

/** Opens a stdin. A write waits for the pipeline, and rejects once that reads no more. */
export function openPipedInput(): PipedInput {
  let reading = Promise.withResolvers<void>();
  let target: ReadableStreamDefaultController<Uint8Array>;
  let origin: WritableStreamDefaultController;
  let gone: EndpointError | undefined;
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => void (target = controller),
    pull: () => reading.resolve(),
    cancel() {
      const message = "cannot write to stdin: the command does not read it any more";
      gone = new EndpointError(message, "source");
      origin.error(gone);
      reading.resolve();
    },
  }, { highWaterMark: 0 });
  const writable = new PipedStdin({
    start: (controller) => void (origin = controller),
    async write(chunk) {
      const bytes = toBytes(chunk);
      await reading.promise;
      if (gone !== undefined) throw gone;
      if (bytes.length === 0 || origin.signal.aborted) return;
      reading = Promise.withResolvers();
      target.enqueue(bytes);
    },
    close: () => target.close(),
    abort: (reason) => target.error(reason),
  });
  return { writable, readable };

  function toBytes(chunk: unknown): Uint8Array {
    if (typeof chunk === "string") return encoder.encode(chunk);
    if (chunk instanceof Uint8Array) return chunk;
    const error = new TypeError("cannot write to stdin: it takes strings and Uint8Arrays");
    target.error(error);
    throw error;
  }
}
