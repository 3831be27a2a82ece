// The interface of open sinks.

import type { OutputEnd } from "./ends.ts";

type Bytes = Uint8Array;

/** A sink that is ready to take bytes, by `takeEnd` or by `consume`. */
export interface OpenSink extends Disposable {
  /** Returns an end that the last stage owns and writes to; not every sink has one. */
  takeEnd?(): OutputEnd;
  /** Writes all of a stream, which it owns. Rejects if that fails. */
  consume(readable: ReadableStream<Bytes>, signal: AbortSignal): Promise<void>;
  /** Bytes written to the end of `takeEnd`, if known. */
  bytes?(): number | undefined;
  /** Publishes what was written: the pipeline has succeeded. */
  commit(): Promise<void>;
  /** Discards what was written; the old contents stay. */
  abort(): Promise<void>;
}
