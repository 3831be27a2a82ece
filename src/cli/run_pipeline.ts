// Running a pipeline in the name of the command line.

import type { Pipeline } from "../blocks/pipeline.ts";
import { execute } from "../execute.ts";
import { toPlan } from "../plan.ts";
import type { Runner } from "../runners/runner.ts";
import { Signalled, untilSignalled } from "./cancellation.ts";
import type { ObserveFlags } from "./observe_flags.ts";
import { heldStreams, watchRun } from "./watch_run.ts";

/** How it is to run. */
export interface PipelineFlags extends ObserveFlags {
  /** Milliseconds that it has. */
  readonly timeout?: number;
}

/**
 * Runs a pipeline with our own stdin, unless it has a source, and our stdout and stderr; the exit code.
 * Whoever tells us to end ends it.
 *
 * @throws {RunnerError | EdgeError} if something else than a command failed.
 * @throws {Error} if a trace or report cannot be written: nothing has run then.
 */
export async function runPipeline(
  { description }: Pipeline,
  runner: Runner,
  { timeout, ...flags }: PipelineFlags,
): Promise<number> {
  using told = untilSignalled();
  const plan = toPlan({ source: { type: "stdin" }, ...description }, runner);
  using narrator = flags.verbose === true ? await newNarrator() : undefined;
  narrator?.plan(plan);
  await using watching = await watchRun(flags, heldStreams(plan));
  try {
    const { code } = await execute(plan, {
      ...watching.options,
      check: false,
      signal: told.signal,
      ...(timeout !== undefined && { timeoutMs: timeout }),
      ...(narrator && { onEvent: (event) => narrator.event(event) }),
    });
    narrator?.end(code);
    return code;
  } catch (error) {
    if (error instanceof Signalled) return error.code;
    throw error;
  }
}

async function newNarrator() {
  const { Narrator } = await import("./narrator.ts");
  return new Narrator();
}
