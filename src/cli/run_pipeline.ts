// Running a pipeline in the name of the command line.

import type { Pipeline } from "../blocks/pipeline.ts";
import { execute } from "../execute.ts";
import { toPlan } from "../plan.ts";
import type { Runner } from "../runners/runner.ts";
import { Signalled, untilSignalled } from "./cancellation.ts";

/**
 * Runs a pipeline with our own stdin, unless it has a source, and our stdout and stderr; the exit code.
 * Whoever tells us to end ends it.
 *
 * @param verbose whether to say on stderr what is done
 * @throws {RunnerError | EdgeError} if something else than a command failed.
 */
export async function runPipeline(
  { description }: Pipeline,
  runner: Runner,
  { timeout: timeoutMs, verbose }: { readonly timeout?: number; readonly verbose?: boolean },
): Promise<number> {
  using told = untilSignalled();
  const plan = toPlan({ source: { type: "stdin" }, ...description }, runner);
  using narrator = verbose === true ? await newNarrator() : undefined;
  narrator?.plan(plan);
  try {
    const { code } = await execute(plan, {
      check: false,
      stderr: "inherit",
      signal: told.signal,
      ...(timeoutMs !== undefined && { timeoutMs }),
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
