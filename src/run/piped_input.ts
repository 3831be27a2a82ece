// Makes the stdin of a running pipeline, which its user writes to.

import { EndpointError } from "../model/errors.ts";
import type { InputStream } from "../model/running_pipeline.ts";

const encoder = new TextEncoder();

/** A stdin: what the user writes to, and the source that the pipeline reads. */
export interface PipedInput {
  readonly writable: InputStream;
  readonly readable: ReadableStream<Uint8Array>;
}

/** Opens a stdin. Once the pipeline cancels it, writes reject. */
export function openPipedInput(): PipedInput {
  const { readable, writable } = new TransformStream<string | Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const bytes = toBytes(chunk);
      if (bytes.length > 0) controller.enqueue(bytes);
    },
  });
  const reader = readable.getReader();
  return {
    writable,
    readable: new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () =>
        reader.cancel(
          new EndpointError(
            "cannot write to stdin: the command does not read it any more",
            "source",
          ),
        ),
    }, { highWaterMark: 0 }),
  };
}

function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return encoder.encode(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError("cannot write to stdin: it takes strings and Uint8Arrays");
}
