// What descriptions need in order to run, bound in from outside so that they stay pure.

import type { Description, EachNode } from "../model/nodes.ts";
import type { Plan } from "../model/plan.ts";
import type { ItemOutput, Result } from "../model/result.ts";
import type { RunOptions } from "../model/run_options.ts";

/** Plans and runs descriptions. */
export interface Engine {
  plan(description: Description, options: Pick<RunOptions, "runner">): Plan;
  run(description: Description, options: RunOptions): Promise<Result>;
  /** Runs and keeps the output, all of it, in memory; the others read what it gives. */
  bytes(description: Description, options: RunOptions): Promise<Uint8Array<ArrayBuffer>>;
  text(description: Description, options: RunOptions): Promise<string>;
  lines(description: Description, options: RunOptions): Promise<string[]>;
  json(description: Description, options: RunOptions): Promise<unknown>;
  /** Runs a fan-out and gives each item in order, whether it failed or not. */
  results(node: EachNode, options: RunOptions): AsyncIterableIterator<ItemOutput>;
  /** Runs a fan-out and keeps what is read of each output; it throws as `run` does. */
  outputs<T>(
    node: EachNode,
    options: RunOptions,
    read: (output: Uint8Array<ArrayBuffer>, item: ItemOutput) => T,
  ): Promise<T[]>;
}

let bound: Engine | undefined;

/** Sets the engine. The public module does it once, before any builder is handed out. */
export function bindEngine(engine: Engine): void {
  bound = engine;
}

/** The engine. @throws {Error} if none is bound: something imported src/blocks by itself. */
export function engine(): Engine {
  if (bound === undefined) throw new Error("Cannot run a pipeline as no engine is bound");
  return bound;
}
