// The pipeline builder: an immutable value that can be composed, planned, stored as JSON, and run.

import type { Captured, CaptureOptions, Encoding } from "../model/captured.ts";
import { deepFreeze, type Description, type Json, type SinkNode } from "../model/nodes.ts";
import type { Plan } from "../model/plan.ts";
import type { Result } from "../model/result.ts";
import type { RunOptions } from "../model/run_options.ts";
import type {
  InputStream,
  LineIterator,
  OutputStream,
  RunningPipeline,
  StartOptions,
  StderrMode,
} from "../model/running_pipeline.ts";
import { toJson } from "../model/to_json.ts";
import { engine } from "./engine.ts";

/** The handle of a started pipeline: it has the ends that are open. */
export type Started<Head extends End, Tail extends End, Stderr extends StderrMode> =
  RunningPipeline<
    Head extends "closed" ? undefined : InputStream,
    Tail extends "closed" ? undefined : OutputStream,
    Stderr extends "pipe" ? OutputStream : undefined
  >;

/** Whether an end of a pipeline can still be connected. */
export type End = "open" | "closed";

/**
 * The destination of a pipeline's output; made by `file`, `stdout`, `untar`, `discard` or `stream`.
 */
export interface Sink {
  /** The sink as data. */
  readonly sink: SinkNode;
}

/**
 * A pipeline: source, stages and sink, as data. Each method returns a new pipeline and leaves this
 * one unchanged. Nothing runs before `run`, `text`, `bytes`, `lines` or `json` is called. A
 * pipeline may be run any number of times, also concurrently.
 *
 * @typeParam Head `"closed"` once it has a source
 * @typeParam Tail `"closed"` once it has a sink
 *
 * @example
 * ```ts
 * import { cmd, file } from "@execvm/execvm";
 *
 * const count = file("README.md").pipe(cmd("wc", "-l"));
 * await count.run(); // prints the count
 * const lines = Number(await count.text());
 * ```
 */
export class Pipeline<Head extends End = End, Tail extends End = End> {
  /** The pipeline as data. */
  readonly description: Description;
  /** `"closed"` once it has a source. */
  readonly head: Head;
  /** `"closed"` once it has a sink. */
  readonly tail: Tail;

  /** Called by the builders. @param head and `tail`: which ends `description` has closed */
  constructor(description: Description, head: Head, tail: Tail) {
    this.description = deepFreeze(description);
    this.head = head;
    this.tail = tail;
    if (new.target === Pipeline) Object.freeze(this);
  }

  /**
   * Feeds the output into `next`.
   *
   * @param next a command, a transform, or a pipeline without a source
   * @throws {TypeError} if `next` has a source or is not a pipeline.
   * @throws {TypeError} if this pipeline already has a sink.
   */
  pipe<NextTail extends End>(
    this: Pipeline<Head, "open">,
    next: Pipeline<"open", NextTail>,
  ): Pipeline<Head, NextTail> {
    requireOpenTail(this, "pipe");
    if (!(next instanceof Pipeline)) {
      throw new TypeError("cannot pipe into this: it is not a command, transform or pipeline");
    }
    if (next.head !== "open") {
      const source = next.description.source?.type;
      throw new TypeError(`cannot pipe into ${source}(): it is a source; a sink goes into .to()`);
    }
    const stages = [...this.description.stages, ...next.description.stages];
    const description = { ...this.description, ...next.description, stages };
    return new Pipeline(description, this.head, next.tail);
  }

  /**
   * Sends the output to `sink`.
   *
   * @param sink made by `file`, `stdout`, `untar`, `discard` or `stream`
   * @throws {TypeError} if there already is a sink, or `sink` is not one.
   */
  to(this: Pipeline<Head, "open">, sink: Sink): Pipeline<Head, "closed"> {
    requireOpenTail(this, "send");
    if (typeof sink?.sink?.type !== "string") {
      throw new TypeError("cannot send the output to this: it is not a sink");
    }
    return new Pipeline({ ...this.description, sink: sink.sink }, this.head, "closed");
  }

  /**
   * Runs the pipeline and waits for its end. Without a source, stdin is empty; without a sink, the
   * output goes to the stdout of this process.
   *
   * @throws {CommandError} if a stage failed and `check` is not `false`.
   * @throws {RunnerError} if a runner failed.
   * @throws {EndpointError} if the source or the sink failed, such as a file that does not exist.
   * @throws {unknown} the reason of `signal`, if that is aborted.
   */
  run(options: RunOptions = {}): Promise<Result> {
    return engine().run(this.description, options);
  }

  /**
   * Runs the pipeline and returns its whole output, held in memory.
   *
   * @throws {TypeError} if there already is a sink.
   * @throws {CommandError | RunnerError | EndpointError} as {@linkcode Pipeline.run}.
   */
  bytes(
    this: Pipeline<Head, "open">,
    options: RunOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    requireOpenTail(this, "capture");
    return engine().bytes(this.description, options);
  }

  /** As {@linkcode Pipeline.bytes}, decoded as UTF-8, without a trailing newline. */
  text(this: Pipeline<Head, "open">, options: RunOptions = {}): Promise<string> {
    requireOpenTail(this, "capture");
    return engine().text(this.description, options);
  }

  /** As {@linkcode Pipeline.text}, split at newlines. Empty output has no lines. */
  lines(this: Pipeline<Head, "open">, options: RunOptions = {}): Promise<string[]> {
    requireOpenTail(this, "capture");
    return engine().lines(this.description, options);
  }

  /**
   * As {@linkcode Pipeline.text}, parsed as JSON.
   *
   * @throws {SyntaxError} if the output is not JSON.
   */
  json(this: Pipeline<Head, "open">, options: RunOptions = {}): Promise<unknown> {
    requireOpenTail(this, "capture");
    return engine().json(this.description, options);
  }

  /**
   * Runs the pipeline and returns its result with stdout and stderr, held in memory up to a limit,
   * whether a command failed or not. stderr is that of all commands without a stderr sink; it is
   * not forwarded to the stderr of this process.
   *
   * @param options those of `run`, the limit, and whether to return text or bytes
   * @throws {TypeError} if there already is a sink, or an option is invalid.
   * @throws {RangeError} if the output is too long for a string.
   * @throws {RunnerError} if a runner failed.
   * @throws {EndpointError} if the source failed.
   * @throws {unknown} the reason of `signal`, if that is aborted.
   *
   * @example
   * ```ts
   * import { cmd } from "@execvm/execvm";
   *
   * const { code, stdout, stderr } = await cmd("sh", "-c", "echo a; echo b >&2; exit 3").capture();
   * console.log(code, stdout, stderr); // 3 a b
   * const { stdout: png } = await cmd("cat", "x.png").capture({ encoding: "bytes" });
   * ```
   */
  capture<As extends Encoding = "text">(
    this: Pipeline<Head, "open">,
    options: CaptureOptions<As> = {},
  ): Promise<Captured<As>> {
    requireOpenTail(this, "capture");
    return engine().capture(this.description, options);
  }

  /**
   * Starts the pipeline and returns its handle at once: stdin without a source, stdout without a
   * sink, signals, and the result.
   *
   * @param options those of `run`; with `stderr: "pipe"` the handle has `stderr`
   * @returns the caller's, to dispose, or to await its `result`
   * @throws {TypeError | RangeError} if an option is invalid.
   *
   * @example
   * ```ts
   * import { cmd } from "@execvm/execvm";
   *
   * await using running = cmd("sh", "-c", "echo ready; exec sleep 9").start({ check: false });
   * for await (const line of running.stdout.lines()) if (line === "ready") break;
   * await running.kill("SIGTERM");
   * console.log((await running.result).code); // 143
   * ```
   */
  start<Stderr extends StderrMode = "forward">(
    options: StartOptions<Stderr> = {},
  ): Started<Head, Tail, Stderr> {
    return engine().start(this.description, options) as Started<Head, Tail, Stderr>;
  }

  /**
   * Runs the pipeline and iterates over the lines of its output as they arrive, without `\n` or
   * `\r\n`. A slow loop holds the pipeline back. Leaving the loop ends it and waits for that.
   * `start(options)` is the same with options.
   *
   * @throws {TypeError} if there already is a sink.
   * @throws {CommandError | RunnerError | EndpointError} from `next`, as {@linkcode Pipeline.run},
   * after the last line.
   * @throws {RangeError} from `next`, if a line has over 256 Mi characters.
   *
   * @example
   * ```ts
   * import { cmd } from "@execvm/execvm";
   *
   * for await (const line of cmd("seq", "1000000")) {
   *   if (line === "3") break; // ends seq
   * }
   * ```
   */
  [Symbol.asyncIterator](): Tail extends "closed" ? never : LineIterator {
    requireOpenTail(this, "iterate over");
    return engine().iterate(this.description) as Tail extends "closed" ? never : LineIterator;
  }

  /** Returns what would run, where, and how the stages would be connected. Starts nothing. */
  plan(options: Pick<RunOptions, "runner"> = {}): Plan {
    return engine().plan(this.description, options);
  }

  /**
   * Returns the nested JSON form, which `fromJSON` reads.
   *
   * @throws {PlanError} if a stream is part of it.
   */
  toJSON(): Json {
    return toJson(this.description);
  }
}

function requireOpenTail(pipeline: Pipeline, verb: string): void {
  if (pipeline.tail === "open") return;
  const sink = pipeline.description.sink?.type;
  throw new TypeError(`cannot ${verb} the output: it already goes to ${sink}()`);
}
