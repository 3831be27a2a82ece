// The fan-out builder `each`: one pipeline per item, as data.

import type { CapturedEach, CaptureOptions, Encoding } from "../model/captured.ts";
import { deepFreeze, type EachNode, type EachSettings, type Json } from "../model/nodes.ts";
import type { Plan } from "../model/plan.ts";
import type { EachResult, ItemOutput } from "../model/result.ts";
import type { RunOptions } from "../model/run_options.ts";
import type { StartOptions, StderrMode } from "../model/running_pipeline.ts";
import { toJson } from "../model/to_json.ts";
import { requireEachSettings, toJsonCopy } from "./each_checks.ts";
import { engine } from "./engine.ts";
import { toLines, toParsed, toText } from "./output.ts";
import { requireOutputsApart } from "./outputs_apart.ts";
import { type End, Pipeline, type Sink, type Started } from "./pipeline.ts";
import { Source } from "./sources.ts";

/** How many pipelines run at once, and what happens when one fails. */
export type EachOptions = EachSettings;

/**
 * A fan-out: one pipeline per item, as data. Nothing runs before `run`, `results`, `text`, `bytes`,
 * `lines` or `json` is called. It may be run any number of times, also concurrently.
 *
 * Items start in order, `concurrency` at a time, and their outputs are delivered in that order,
 * never interleaved. Output of an item whose turn has not come is buffered: 32 KiB in memory, the
 * rest in a temporary file. An item with 16 MiB of buffered output is paused until its turn (with
 * `retry`, all output is buffered until the item has ended). No item starts while 1000 finished
 * ones are waiting.
 *
 * A failed item does not affect the others, unless `failFast` is set.
 *
 * @typeParam Item the values that the pipelines were made from
 * @typeParam Tail `"closed"` if the pipelines have sinks
 *
 * @example
 * ```ts
 * import { cmd, each } from "@execvm/execvm";
 *
 * const lengths = each(["mod.ts", "deno.json"], (name) => cmd("wc", "-l", name));
 * for await (const { item, status, output } of lengths.results()) {
 *   if (status === "succeeded") console.log(item, output.length);
 * }
 * ```
 */
export class Each<Item extends Json = Json, Tail extends End = End> {
  /** The fan-out as data. */
  readonly node: EachNode;
  /** `"closed"` if the pipelines have sinks. */
  readonly tail: Tail;

  /** Called by {@linkcode each} and `eachFromJSON`. */
  constructor(node: EachNode, tail: Tail) {
    this.node = deepFreeze(node);
    this.tail = tail;
    Object.freeze(this);
  }

  /**
   * Feeds all outputs, concatenated in the order of the items, into `next`.
   *
   * @param next a command, a transform, or a pipeline without a source
   * @throws {TypeError} if the items have sinks, or `next` has a source.
   */
  pipe<NextTail extends End>(
    this: Each<Item, "open">,
    next: Pipeline<"open", NextTail>,
  ): Pipeline<"closed", NextTail> {
    requireOutputs(this, "pipe");
    return new Source(this.node).pipe(next);
  }

  /**
   * Sends all outputs, concatenated in the order of the items, to `sink`.
   *
   * @param sink made by `file`, `stdout`, `untar`, `discard` or `stream`
   * @throws {TypeError} if the items have sinks, or `sink` is not a sink.
   */
  to(this: Each<Item, "open">, sink: Sink): Pipeline<"closed", "closed"> {
    requireOutputs(this, "send");
    return new Source(this.node).to(sink);
  }

  /**
   * Runs all items and waits for their end. Outputs without a sink go to this process's stdout, in
   * the order of the items.
   *
   * @throws {CommandError} once all items have ended, if a command failed and `check` is not
   * `false`; it has the shape of the result, and its message names the items.
   * @throws {RunnerError} once all items have ended, if the runner of an item failed.
   * @throws {EndpointError} once all items have ended, if the source or sink of an item failed.
   * @throws {unknown} the reason of `signal`, if that is aborted.
   */
  run(options: RunOptions = {}): Promise<EachResult<Item>> {
    return engine().run({ source: this.node, stages: [] }, options) as Promise<EachResult<Item>>;
  }

  /**
   * Runs all items and yields each with its output, in the order of the items. A slow reader holds
   * the items back, within the limits of the buffers; leaving the loop ends them. A failed item is
   * yielded like the others, not thrown.
   *
   * @throws {TypeError} if the items have sinks.
   * @throws {unknown} the reason of `signal`, if that is aborted.
   */
  results(
    this: Each<Item, "open">,
    options: Omit<RunOptions, "check"> = {},
  ): AsyncIterableIterator<ItemOutput<Item>> {
    requireOutputs(this, "capture");
    const results = engine().results(this.node, options);
    return results as AsyncIterableIterator<ItemOutput<Item>>;
  }

  /**
   * Runs all items and returns the output of each, in the order of the items, held in memory.
   *
   * @throws {TypeError} if the items have sinks.
   * @throws {CommandError | RunnerError | EndpointError} as {@linkcode Each.run}.
   */
  bytes(this: Each<Item, "open">, options: RunOptions = {}): Promise<Uint8Array<ArrayBuffer>[]> {
    return outputs(this, options, (output) => output);
  }

  /** As {@linkcode Each.bytes}, each output decoded as UTF-8, without a trailing newline. */
  text(this: Each<Item, "open">, options: RunOptions = {}): Promise<string[]> {
    return outputs(this, options, toText);
  }

  /** As {@linkcode Each.text}, each output split at newlines. */
  lines(this: Each<Item, "open">, options: RunOptions = {}): Promise<string[][]> {
    return outputs(this, options, toLines);
  }

  /**
   * As {@linkcode Each.text}, each output parsed as JSON; `undefined` for an item that did not
   * succeed.
   *
   * @throws {SyntaxError} if the output of an item that succeeded is not JSON.
   */
  json(this: Each<Item, "open">, options: RunOptions = {}): Promise<unknown[]> {
    return outputs(
      this,
      options,
      (output, { status }) => status === "succeeded" ? toParsed(output) : undefined,
    );
  }

  /**
   * Runs all items and returns the result with stdout and stderr of each item, held in memory up to
   * a limit per item, whether items failed or not. stderr is not forwarded to the stderr of this
   * process.
   *
   * @param options those of `run`, the limit, and whether to return text or bytes
   * @throws {TypeError} if the items have sinks, or an option is invalid.
   * @throws {unknown} the reason of `signal`, if that is aborted.
   */
  capture<As extends Encoding = "text">(
    this: Each<Item, "open">,
    options: CaptureOptions<As> = {},
  ): Promise<CapturedEach<As, Item>> {
    requireOutputs(this, "capture");
    return engine().captureItems(this.node, options) as Promise<CapturedEach<As, Item>>;
  }

  /**
   * Starts the items and returns the handle at once, as {@linkcode Pipeline.start}: `stdout` has
   * all outputs, in the order of the items, and a signal goes to all running items.
   *
   * @param options those of `run`; with `stderr: "pipe"` the handle has `stderr`
   * @returns the caller's, to dispose, or to await its `result`
   * @throws {TypeError | RangeError} if an option is invalid.
   */
  start<Stderr extends StderrMode = "forward">(
    options: StartOptions<Stderr> = {},
  ): Started<"closed", Tail, Stderr> {
    const started = engine().start({ source: this.node, stages: [] }, options);
    return started as Started<"closed", Tail, Stderr>;
  }

  /**
   * Returns what would run for each item, where, and how the stages would be connected. Starts
   * nothing.
   */
  plan(options: Pick<RunOptions, "runner"> = {}): Plan {
    return engine().plan({ source: this.node, stages: [] }, options);
  }

  /**
   * Returns the JSON form. `eachFromJSON` reads it as a fan-out, `fromJSON` as a pipeline whose
   * source it is.
   *
   * @throws {PlanError} if a stream is part of it.
   */
  toJSON(): Json {
    return toJson({ source: this.node, stages: [] });
  }
}

/**
 * Returns a fan-out of one pipeline per item.
 *
 * @param items values that JSON can represent; they are copied
 * @param pipelineOf returns the pipeline of an item; it is called here, once per item, not when the
 * fan-out runs
 * @param options how many run at once, and what happens when one fails
 * @throws {TypeError} if JSON cannot represent an item.
 * @throws {TypeError} if `pipelineOf` returns anything but a pipeline, or one that reads `stdin()`.
 * @throws {TypeError} if the outputs of the code of two items have the same place.
 * @throws {TypeError} if an option is unknown or has an invalid value.
 * @throws {RangeError} if a number among the options is out of range.
 *
 * @example
 * ```ts
 * import { cmd, each } from "@execvm/execvm";
 *
 * const counts = each(["mod.ts", "deno.json"], (name) => cmd("wc", "-l", name), { concurrency: 2 });
 * await counts.text(); // ["81 mod.ts", "57 deno.json"]
 * await counts.pipe(cmd("sort", "-n")).run();
 * ```
 */
export function each<Item extends Json, Tail extends End>(
  items: Iterable<Item>,
  pipelineOf: (item: Item, index: number) => Pipeline<End, Tail>,
  options: EachOptions = {},
): Each<Item, Tail> {
  const settings = requireEachSettings(options);
  const nodes = Array.from(items, (item, index) => {
    const pipeline: unknown = pipelineOf(item, index);
    if (!(pipeline instanceof Pipeline)) {
      throw new TypeError(`cannot run item ${index}: pipelineOf did not return a pipeline`);
    }
    if (pipeline.description.source?.type === "stdin") {
      throw new TypeError(`cannot run item ${index}: items cannot share our stdin`);
    }
    return { item: toJsonCopy(item, index), pipeline: pipeline.description };
  });
  requireOutputsApart(nodes);
  const hasSink = nodes.some(({ pipeline }) => pipeline.sink !== undefined);
  const node: EachNode = { type: "each", ...settings, items: nodes };
  return new Each(node, (hasSink ? "closed" : "open") as Tail);
}

function outputs<Item extends Json, T>(
  from: Each<Item, "open">,
  options: RunOptions,
  read: (output: Uint8Array<ArrayBuffer>, item: ItemOutput) => T,
): Promise<T[]> {
  requireOutputs(from, "capture");
  return engine().outputs(from.node, options, read);
}

function requireOutputs({ tail }: { readonly tail: End }, verb: string): void {
  if (tail === "open") return;
  throw new TypeError(`cannot ${verb} the outputs: the items have their own sinks`);
}
