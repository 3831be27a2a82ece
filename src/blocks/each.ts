// Fan-out as data: a pipeline for each of many items.

import { deepFreeze, type EachNode, type EachSettings, type Json } from "../model/nodes.ts";
import type { Plan } from "../model/plan.ts";
import type { EachResult, ItemOutput } from "../model/result.ts";
import type { RunOptions } from "../model/run_options.ts";
import { toJson } from "../model/to_json.ts";
import { requireEachSettings, toJsonCopy } from "./each_checks.ts";
import { engine } from "./engine.ts";
import { toLines, toParsed, toText } from "./output.ts";
import { type End, Pipeline, type Sink } from "./pipeline.ts";
import { Source } from "./sources.ts";

/** How many pipelines run at once, and what is done when one fails. */
export type EachOptions = EachSettings;

/**
 * Many pipelines, each with the item that it was made for, as data. Nothing runs before `run`, `results`,
 * `text`, `bytes`, `lines` or `json`. It may be run any number of times, also at once.
 *
 * Items are begun in their order, `concurrency` at once, and what they put out is given in that order, never
 * interleaved. What an item puts out before it is its turn waits in memory, from 32 KiB on in a temporary
 * file. An item that has put out 16 MiB waits for its turn (with `retry`, all is kept until it has ended), and
 * no more are begun while 1000 that have ended wait.
 *
 * One that fails leaves the others alone, unless `failFast` is set.
 *
 * @typeParam Item what it was made for @typeParam Tail `"closed"` if the pipelines have sinks of their own
 */
export class Each<Item extends Json = Json, Tail extends End = End> {
  /** What it is made of. */
  readonly node: EachNode;
  /** `"closed"` if pipelines have sinks of their own. */
  readonly tail: Tail;

  /** Made by {@linkcode each} and `eachFromJSON`. */
  constructor(node: EachNode, tail: Tail) {
    this.node = deepFreeze(node);
    this.tail = tail;
    Object.freeze(this);
  }

  /** Feeds all outputs, in the order of the items, into one more pipeline. */
  pipe<NextTail extends End>(
    this: Each<Item, "open">,
    next: Pipeline<"open", NextTail>,
  ): Pipeline<"closed", NextTail> {
    requireOutputs(this, "pipe");
    return new Source(this.node).pipe(next);
  }

  /** Sends all outputs, in the order of the items, to `sink`. */
  to(this: Each<Item, "open">, sink: Sink): Pipeline<"closed", "closed"> {
    requireOutputs(this, "send");
    return new Source(this.node).to(sink);
  }

  /**
   * Runs all. Outputs that have no sink go to our stdout, in the order of the items.
   *
   * @throws {CommandError} when all have ended, if a command failed and `check` is not `false`; it has
   * the shape of the result, and its message names the items.
   * @throws {RunnerError | EndpointError} likewise, if the machinery, a source or a sink of an item failed.
   * @throws the reason of `signal` if that was aborted.
   */
  run(options: RunOptions = {}): Promise<EachResult<Item>> {
    return engine().run({ source: this.node, stages: [] }, options) as Promise<EachResult<Item>>;
  }

  /**
   * Runs all and gives each item with its output, in the order of the items, as soon as it is its turn.
   * Who reads slowly holds the items back, as above; who leaves the loop ends them. An item that failed
   * is given like the others, and not thrown.
   *
   * @throws the reason of `signal` if that was aborted.
   */
  results(
    this: Each<Item, "open">,
    options: Omit<RunOptions, "check"> = {},
  ): AsyncIterableIterator<ItemOutput<Item>> {
    requireOutputs(this, "capture");
    const results = engine().results(this.node, options);
    return results as AsyncIterableIterator<ItemOutput<Item>>;
  }

  /** Runs all and gives the output of each in the order of the items. @throws As {@linkcode Each.run}. */
  bytes(this: Each<Item, "open">, options: RunOptions = {}): Promise<Uint8Array<ArrayBuffer>[]> {
    return outputs(this, options, (output) => output);
  }

  /** As {@linkcode Each.bytes}, each decoded as UTF-8 without its last newline if it has one. */
  text(this: Each<Item, "open">, options: RunOptions = {}): Promise<string[]> {
    return outputs(this, options, toText);
  }

  /** As {@linkcode Each.text}, each split at newlines. */
  lines(this: Each<Item, "open">, options: RunOptions = {}): Promise<string[][]> {
    return outputs(this, options, toLines);
  }

  /**
   * As {@linkcode Each.text}, each parsed as JSON; `undefined` for an item that has not succeeded.
   *
   * @throws {SyntaxError} if one that has is no JSON.
   */
  json(this: Each<Item, "open">, options: RunOptions = {}): Promise<unknown[]> {
    return outputs(
      this,
      options,
      (output, { status }) => status === "succeeded" ? toParsed(output) : undefined,
    );
  }

  /** What would run for each item, where, and how it would be joined. Starts nothing. */
  plan(options: Pick<RunOptions, "runner"> = {}): Plan {
    return engine().plan({ source: this.node, stages: [] }, options);
  }

  /**
   * The JSON form, which `eachFromJSON` reads, and `fromJSON` as a source.
   *
   * @throws {PlanError} if a stream is part of it: a stream cannot be written down.
   */
  toJSON(): Json {
    return toJson({ source: this.node, stages: [] });
  }
}

/**
 * A pipeline for each item: `pipelineOf` is called here and now, once for each, so that the result is data.
 *
 * @throws {TypeError} if an item is nothing that JSON can hold, or what was made of it no pipeline, or one
 * that reads our stdin.
 * @throws {RangeError} if an option is out of range.
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
      throw new TypeError(`Cannot run item ${index} as what was made of it is no pipeline`);
    }
    if (pipeline.description.source?.type === "stdin") {
      throw new TypeError(`Cannot run item ${index} as items cannot share our stdin`);
    }
    return { item: toJsonCopy(item, index), pipeline: pipeline.description };
  });
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
  throw new TypeError(`Cannot ${verb} the outputs as items have sinks of their own`);
}
