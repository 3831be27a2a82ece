// The binding to the code that runs pipelines, so that the builders stay pure.

import type { Description, EachNode } from "../model/nodes.ts";
import type { Captured, CapturedEach, CaptureOptions, Encoding } from "../model/captured.ts";
import type { Plan } from "../model/plan.ts";
import type { ItemOutput, Result } from "../model/result.ts";
import type { RunOptions } from "../model/run_options.ts";
import type { LineIterator, RunningPipeline, StartOptions } from "../model/running_pipeline.ts";

/** Plans and runs descriptions. */
export interface Engine {
  plan(description: Description, options: Pick<RunOptions, "runner">): Plan;
  run(description: Description, options: RunOptions): Promise<Result>;
  /** Runs and returns the whole output, held in memory. `text`, `lines` and `json` decode it. */
  bytes(description: Description, options: RunOptions): Promise<Uint8Array<ArrayBuffer>>;
  text(description: Description, options: RunOptions): Promise<string>;
  lines(description: Description, options: RunOptions): Promise<string[]>;
  json(description: Description, options: RunOptions): Promise<unknown>;
  /** Runs and returns the result with the output, also if a command failed. */
  capture<As extends Encoding>(
    description: Description,
    options: CaptureOptions<As>,
  ): Promise<Captured<As>>;
  /** As `capture`, for each item of a fan-out. */
  captureItems<As extends Encoding>(
    node: EachNode,
    options: CaptureOptions<As>,
  ): Promise<CapturedEach<As>>;
  /** Starts and returns the handle at once. */
  start(description: Description, options: StartOptions): RunningPipeline;
  /** Starts, once the first line is requested, and returns the lines of the output. */
  iterate(description: Description): LineIterator;
  /** Runs a fan-out and yields each item in order, failed or not. */
  results(node: EachNode, options: RunOptions): AsyncIterableIterator<ItemOutput>;
  /** Runs a fan-out and returns what `read` makes of each output. Rejects as `run` does. */
  outputs<T>(
    node: EachNode,
    options: RunOptions,
    read: (output: Uint8Array<ArrayBuffer>, item: ItemOutput) => T,
  ): Promise<T[]>;
}

let bound: Engine | undefined;

/** Sets the engine. `mod.ts` does so once, before it exports any builder. */
export function bindEngine(engine: Engine): void {
  bound = engine;
}

/**
 * Returns the bound engine.
 *
 * @throws {Error} if none is bound: src/blocks was imported without `mod.ts`.
 */
export function engine(): Engine {
  if (bound === undefined) throw new Error("cannot run a pipeline: no engine is bound");
  return bound;
}
