// Running a pipeline in the name of the command line.

import type { Pipeline } from "../blocks/pipeline.ts";
import { execute } from "../execute.ts";
import { toPlan } from "../plan.ts";
import { describeFailures } from "../item_failures.ts";
import type { Runner } from "../runners/runner.ts";
import { Signalled, untilSignalled } from "./cancellation.ts";
import { say } from "./exit_codes.ts";
import { showItems } from "./item_progress.ts";

/**
 * Runs a pipeline with our own stdin, unless it has a source, and our stdout and stderr; the exit code.
 * Whoever tells us to end ends it.
 *
 * @throws {RunnerError | EdgeError} if something else than a command failed.
 */
export async function runPipeline(
  { description }: Pipeline,
  runner: Runner,
  timeoutMs: number | undefined,
): Promise<number> {
  using told = untilSignalled();
  const plan = toPlan({ source: { type: "stdin" }, ...description }, runner);
  using progress = showItems(plan);
  try {
    const { ok, code, items } = await execute(plan, {
      check: false,
      stderr: "inherit",
      signal: told.signal,
      onEvent: progress.onEvent,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    progress[Symbol.dispose]();
    if (!ok && items !== undefined) say(describeFailures(items));
    return code;
  } catch (error) {
    if (error instanceof Signalled) return error.code;
    throw error;
  }
}
