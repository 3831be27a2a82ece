// The types of stdin, stdout and stderr that commands are started with.

import type { Fd } from "../libc/fd.ts";

/**
 * What a stage reads from: a file descriptor, or without FFI a stream or the stdin of this process
 * (`inherit`). The callee that it is passed to owns it, and closes or cancels it.
 */
export type InputEnd = Fd | ReadableStream<Uint8Array> | "inherit";

/**
 * What a stage writes to: a file descriptor, or without FFI a stream or the stdout or stderr of
 * this process (`inherit`). The callee that it is passed to owns it, and closes or aborts it.
 */
export type OutputEnd = Fd | WritableStream<Uint8Array> | "inherit";

/** The three streams of a stage. */
export interface Stdio {
  /** Standard input. */
  readonly stdin: InputEnd;
  /** Standard output. */
  readonly stdout: OutputEnd;
  /** Standard error. */
  readonly stderr: OutputEnd;
}
