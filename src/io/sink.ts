// What an open sink is.

import type { OutputEnd } from "./ends.ts";

type Bytes = Uint8Array;

/** A sink that is ready to take bytes, in one of two ways. */
export interface OpenSink extends Disposable {
  /** Gives a kernel object for the last stage to own and write to; not every sink has one. */
  takeEnd?(): OutputEnd;
  /** Takes all of a stream, which it owns. Rejects if it cannot. */
  consume(readable: ReadableStream<Bytes>, signal: AbortSignal): Promise<void>;
  /** Bytes taken through the kernel object, if that can tell. */
  bytes?(): number | undefined;
  /** Keeps what was taken: the pipeline has succeeded. */
  commit(): Promise<void>;
  /** Drops what was taken: what was there before stays. */
  abort(): Promise<void>;
}
