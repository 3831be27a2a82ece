// The ends of streams that commands are given.

import type { Fd } from "../libc/fd.ts";

/**
 * Where a stage reads from: a kernel object, or without FFI a stream or our own stdin. Who is given an
 * end owns it and closes or cancels it.
 */
export type InputEnd = Fd | ReadableStream<Uint8Array> | "inherit";

/** Where a stage writes to, likewise. */
export type OutputEnd = Fd | WritableStream<Uint8Array> | "inherit";

/** The three streams of a stage. */
export interface Stdio {
  /** What it reads. */
  readonly stdin: InputEnd;
  /** What it writes. */
  readonly stdout: OutputEnd;
  /** What it says beside. */
  readonly stderr: OutputEnd;
}
