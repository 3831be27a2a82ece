// The fluent pipeline: a frozen value that is composed, shown, stored and run.

import { deepFreeze, type Description, type Json, type SinkNode } from "../model/nodes.ts";
import type { Plan } from "../model/plan.ts";
import type { Result } from "../model/result.ts";
import type { RunOptions } from "../model/run_options.ts";
import { toJson } from "../model/to_json.ts";
import { engine } from "./engine.ts";

/** Whether an end of a pipeline can still be joined to something. */
export type End = "open" | "closed";

/** Where the bytes of a pipeline go: made by `file`, `stdout`, `untar`, `discard` or `stream`. */
export interface Sink {
  /** What it is made of. */
  readonly sink: SinkNode;
}

/**
 * A pipeline: source, stages and sink, as data. Each method returns a new one and leaves this one as
 * it was; nothing runs before `run`, `text`, `bytes`, `lines` or `json`. It may be run any number of
 * times, also at once.
 *
 * @typeParam Head `"closed"` once it has a source @typeParam Tail `"closed"` once it has a sink
 *
 * @example
 * ```ts
 * import { cmd, file } from "@execvm/execvm";
 *
 * const count = file("README.md").pipe(cmd("wc", "-l"));
 * await count.run(); // to our stdout
 * const lines = Number(await count.text());
 * ```
 */
export class Pipeline<Head extends End = End, Tail extends End = End> {
  /** What it is made of. */
  readonly description: Description;
  /** `"closed"` once it has a source. */
  readonly head: Head;
  /** `"closed"` once it has a sink. */
  readonly tail: Tail;

  /** Made by the builders; `head` and `tail` say which ends the description has closed. */
  constructor(description: Description, head: Head, tail: Tail) {
    this.description = deepFreeze(description);
    this.head = head;
    this.tail = tail;
    if (new.target === Pipeline) Object.freeze(this);
  }

  /**
   * Feeds the output into `next`: a command, a transform, or a pipeline that has no source yet.
   *
   * @throws {TypeError} if `next` has a source of its own, or this pipeline a sink already.
   */
  pipe<NextTail extends End>(
    this: Pipeline<Head, "open">,
    next: Pipeline<"open", NextTail>,
  ): Pipeline<Head, NextTail> {
    requireOpenTail(this, "pipe");
    if (!(next instanceof Pipeline)) {
      throw new TypeError("Cannot pipe into this as it is no command, transform or pipeline");
    }
    if (next.head !== "open") {
      const source = next.description.source?.type;
      throw new TypeError(`Cannot pipe into ${source}() as it is a source; a sink goes into .to()`);
    }
    const stages = [...this.description.stages, ...next.description.stages];
    const description = { ...this.description, ...next.description, stages };
    return new Pipeline(description, this.head, next.tail);
  }

  /**
   * Sends the output to `sink`.
   *
   * @throws {TypeError} if there is a sink already, or `sink` is none.
   */
  to(this: Pipeline<Head, "open">, sink: Sink): Pipeline<Head, "closed"> {
    requireOpenTail(this, "send");
    if (typeof sink?.sink?.type !== "string") {
      throw new TypeError("Cannot send the output to this as it is no sink");
    }
    return new Pipeline({ ...this.description, sink: sink.sink }, this.head, "closed");
  }

  /**
   * Runs it and waits for its end. Without a source stdin is empty, without a sink the output goes to
   * our stdout.
   *
   * @throws {CommandError} if a stage failed and `check` is not `false`.
   * @throws {RunnerError} if the machinery failed.
   * @throws {EndpointError} if the source or the sink failed, such as a file that is not there.
   */
  run(options: RunOptions = {}): Promise<Result> {
    return engine().run(this.description, options);
  }

  /**
   * Runs it and gives the output, which is kept in memory whole.
   *
   * @throws As {@linkcode Pipeline.run}, and {TypeError} if there is a sink already.
   */
  bytes(
    this: Pipeline<Head, "open">,
    options: RunOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    requireOpenTail(this, "capture");
    return engine().bytes(this.description, options);
  }

  /** As {@linkcode Pipeline.bytes}, decoded as UTF-8, without its last newline if it has one. */
  text(this: Pipeline<Head, "open">, options: RunOptions = {}): Promise<string> {
    requireOpenTail(this, "capture");
    return engine().text(this.description, options);
  }

  /** As {@linkcode Pipeline.text}, split at newlines. No output is no lines. */
  lines(this: Pipeline<Head, "open">, options: RunOptions = {}): Promise<string[]> {
    requireOpenTail(this, "capture");
    return engine().lines(this.description, options);
  }

  /**
   * As {@linkcode Pipeline.text}, parsed as JSON.
   *
   * @throws {SyntaxError} if the output is no JSON.
   */
  json(this: Pipeline<Head, "open">, options: RunOptions = {}): Promise<unknown> {
    requireOpenTail(this, "capture");
    return engine().json(this.description, options);
  }

  /** What would run, where, and how it would be joined. Starts nothing. */
  plan(options: Pick<RunOptions, "runner"> = {}): Plan {
    return engine().plan(this.description, options);
  }

  /**
   * The nested JSON form, which `fromJSON` reads.
   *
   * @throws {PlanError} if a stream is part of it: a stream cannot be written down.
   */
  toJSON(): Json {
    return toJson(this.description);
  }
}

function requireOpenTail(pipeline: Pipeline, verb: string): void {
  if (pipeline.tail === "open") return;
  const sink = pipeline.description.sink?.type;
  throw new TypeError(`Cannot ${verb} the output as it goes to ${sink}() already`);
}
