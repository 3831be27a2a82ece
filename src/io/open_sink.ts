// Opens sinks, before anything starts. Files and folders appear only once the pipeline has
// succeeded.

import { whereFull } from "../host/fault.ts";
import { killWithUs } from "../host/watchdog.ts";
import { EndpointError, messageOf } from "../model/errors.ts";
import type { SinkNode } from "../model/nodes.ts";
import { nullOutput } from "./edges.ts";
import { openFileSink } from "./file_sink.ts";
import type { OpenSink } from "./sink.ts";

type Bytes = Uint8Array;

/** Opens a sink. @throws {EndpointError} if it cannot be written. */
export async function openSink(node: SinkNode): Promise<OpenSink> {
  try {
    return await open(node);
  } catch (error) {
    throw new EndpointError(messageOf(error), "sink", error);
  }
}

async function open(node: SinkNode): Promise<OpenSink> {
  switch (node.type) {
    case "file":
      return await openFileSink(node.name);
    case "stdout":
      return { ...NOTHING_TO_KEEP, takeEnd: () => "inherit", consume: writeToStdout };
    case "discard":
      return { ...NOTHING_TO_KEEP, takeEnd: nullOutput, consume: pipeInto(() => {}) };
    case "untar":
      return openUntar(node.directory);
    case "stream":
      return openStream(node.writable);
  }
}

const NOTHING_TO_KEEP = { commit: async () => {}, abort: async () => {}, [Symbol.dispose]() {} };

/** A sink that holds all bytes in memory. */
export interface Collector extends OpenSink {
  /** The sink in a plan: a stream. */
  readonly node: SinkNode;
  readonly chunks: readonly Bytes[];
}

/** Makes a sink that holds all bytes in memory. */
export function collectBytes(): Collector {
  const chunks: Bytes[] = [];
  return {
    ...callSink((chunk) => void chunks.push(chunk)),
    node: { type: "stream", writable: new WritableStream() },
    chunks,
  };
}

/** Makes a sink that calls `take` with each chunk and waits for it. */
export function callSink(take: (chunk: Bytes) => void | Promise<void>): OpenSink {
  return { ...NOTHING_TO_KEEP, consume: pipeInto(take) };
}

const writeToStdout = pipeInto(async (chunk) => {
  try {
    for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await Deno.stdout.write(rest));
  } catch (error) {
    throw whereFull(error, "to stdout");
  }
});

function pipeInto(write: (chunk: Bytes) => void | Promise<void>): OpenSink["consume"] {
  return (readable, signal) => readable.pipeTo(new WritableStream({ write }), { signal });
}

function openStream(writable: WritableStream<Uint8Array>): OpenSink {
  if (writable.locked) throw new TypeError("cannot write to the stream: it is locked");
  return {
    ...NOTHING_TO_KEEP,
    consume: (readable, signal) =>
      readable.pipeTo(writable, { signal, preventClose: true, preventAbort: true }),
    commit: () => writable.close(),
    abort: () => writable.abort(new Error("The pipeline failed")).catch(() => {}),
  };
}

/** Unpacks to a temporary folder while it takes bytes; moves that into place on commit. */
function openUntar(directory: string): OpenSink {
  const kept = Promise.withResolvers<void>();
  kept.promise.catch(() => {}); // it may reject before it is awaited
  let moved: Promise<void> | undefined;
  return {
    ...NOTHING_TO_KEEP,
    async consume(readable, signal) {
      const { unpackTar } = await import("../archive/unpack_tar.ts");
      const unpacked = Promise.withResolvers<void>();
      const archive = readable.pipeThrough(new TransformStream(), { signal });
      moved = unpackTar(archive, directory, {
        onStaging: (path) => killWithUs({ path }),
        beforePublish: () => (unpacked.resolve(), kept.promise),
      });
      moved.catch(unpacked.reject);
      await unpacked.promise.catch((error) => {
        throw whereFull(error, `below ${JSON.stringify(directory)}`);
      });
    },
    async commit() {
      kept.resolve();
      await moved;
    },
    async abort() {
      kept.reject(new Error("The pipeline failed"));
      await moved?.catch(() => {});
    },
  };
}
