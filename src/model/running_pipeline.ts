// The handle of a running pipeline, which `start` returns.

import type { SignalName } from "../libc/signals.ts";
import type { Result } from "./result.ts";
import type { RunOptions } from "./run_options.ts";

/** Where the stderr of a started pipeline goes. */
export type StderrMode = "forward" | "inherit" | "pipe";

/** The options of `start`. */
export interface StartOptions<Stderr extends StderrMode = StderrMode>
  extends Omit<RunOptions, "stderr"> {
  /**
   * Where the stderr of commands without a stderr sink goes: as in a run, or with `pipe` into the
   * stream `stderr` of the handle.
   *
   * @default "forward"
   */
  readonly stderr?: Stderr;
}

/**
 * The stdin of a running pipeline: takes bytes, or strings, which become UTF-8. A write waits until
 * there is room, and rejects once the first stage no longer reads.
 */
export interface InputStream extends WritableStream<string | Uint8Array> {
  /**
   * Writes a chunk, as a writer of the stream does.
   *
   * @throws {EndpointError} if the command no longer reads its stdin.
   * @throws {TypeError} if the stream is locked or closed, or the chunk is of another type.
   */
  write(chunk: string | Uint8Array): Promise<void>;
}

/**
 * Output of a running pipeline: a stream of bytes, in chunks of any size. The pipeline is held back
 * while 1 MiB waits to be read. Cancelling the stream closes it for the command, which then gets
 * SIGPIPE at its next write.
 */
export interface OutputStream extends ReadableStream<Uint8Array<ArrayBuffer>> {
  /**
   * Reads the stream as lines of UTF-8, without `\n` or `\r\n`. A last line need not end with a
   * newline. Bytes that are not UTF-8 become U+FFFD. Leaving the loop neither ends nor blocks the
   * pipeline: what follows is discarded.
   *
   * @throws {TypeError} if the stream is already being read.
   * @throws {RangeError} from `next`, if a line has over 256 Mi characters.
   */
  lines(): LineIterator;
}

/** Lines as they arrive. `return`, or leaving a loop over it, ends it at once. */
export interface LineIterator extends AsyncIterableIterator<string, undefined> {
  /** Returns the next line once it is complete. */
  next(): Promise<IteratorResult<string, undefined>>;
  /** Ends the reading, also while `next` waits. */
  return(): Promise<IteratorResult<string, undefined>>;
  /** Returns itself. */
  [Symbol.asyncIterator](): LineIterator;
  /** As `return`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A running pipeline. Iterating it gives the lines of `stdout`, then throws what `result` rejects
 * with; leaving the loop ends the pipeline.
 *
 * When `result` or the lines are read, ends that have not been read from the handle until then are
 * given up, so that the pipeline can end: stdin is closed, stdout and stderr are discarded.
 *
 * @typeParam Stdin `undefined` if the pipeline has a source
 * @typeParam Stdout `undefined` if the pipeline has a sink
 * @typeParam Stderr `undefined` without `stderr: "pipe"`
 */
export interface RunningPipeline<
  Stdin extends InputStream | undefined = InputStream | undefined,
  Stdout extends OutputStream | undefined = OutputStream | undefined,
  Stderr extends OutputStream | undefined = OutputStream | undefined,
> extends AsyncDisposable {
  /**
   * The stdin of the first stage. Closing it is the end of the input.
   *
   * @throws {TypeError} if it was given up.
   */
  readonly stdin: Stdin;
  /** The output of the last stage. @throws {TypeError} if it was given up. */
  readonly stdout: Stdout;
  /** The stderr of all commands, in order of arrival. @throws {TypeError} if it was given up. */
  readonly stderr: Stderr;
  /**
   * Resolves and rejects as the promise of `run` does, once everything has ended and the output
   * has been read, up to 1 MiB. It is not an unhandled rejection if it is never awaited.
   */
  readonly result: Promise<Result>;
  /**
   * Sends a signal to the running commands, as `kill` does; if none has started yet, once one has.
   * After SIGTERM, SIGKILL follows if it does not end them within `killAfterMs`, by default 10 s.
   * Does nothing once the pipeline has ended.
   *
   * @param signal by default SIGTERM
   * @returns a promise that resolves when the signal has been sent; it never rejects
   * @throws {TypeError} if there is no such signal.
   */
  kill(signal?: SignalName): Promise<void>;
  /** Iterates the lines of `stdout`. @throws {TypeError} if that is already being read. */
  [Symbol.asyncIterator](): Stdout extends undefined ? never : LineIterator;
  /**
   * Ends the pipeline if it still runs, with SIGTERM and a second later, or after `killAfterMs`,
   * SIGKILL, and waits until everything is gone. `result` then rejects with an `AbortError`. It can
   * be called again.
   *
   * @throws {unknown} an error of the clean-up, not one of the pipeline.
   */
  [Symbol.asyncDispose](): Promise<void>;
}
