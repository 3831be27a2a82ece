// Runs a pipeline for the command line.

import type { Pipeline } from "../../blocks/pipeline.ts";
import { whyCodeFailed } from "../../model/errors.ts";
import { describeFailures } from "../../model/item_failures.ts";
import { toPlan } from "../../model/plan.ts";
import type { StageResult } from "../../model/result.ts";
import { execute } from "../../run/execute.ts";
import type { Runner } from "../../runners/contract/runner.ts";
import type { ObserveFlags } from "../flags/observe_flags.ts";
import { sourceOf, type StdinFlags } from "../flags/stdin_flag.ts";
import { orSignalCode } from "../frame/cancellation.ts";
import { say } from "../frame/exit_codes.ts";
import { forwardSignals } from "../frame/forward_signals.ts";
import { heldStreams, watchRun } from "./watch_run.ts";

/** The flags that affect how a pipeline runs. */
export interface PipelineFlags extends ObserveFlags, StdinFlags {
  /** Time limit in milliseconds. */
  readonly timeout?: number;
  /** Milliseconds from SIGTERM to SIGKILL. */
  readonly killAfter?: number;
}

/**
 * Runs a pipeline and returns the exit code. It has our stdout and stderr, and our stdin unless it
 * has a source or `--no-stdin` is given. Signals that we receive are forwarded to its commands;
 * while none runs, a termination signal ends the run.
 *
 * @throws {RunnerError | EndpointError} if something other than a command failed.
 * @throws {Error} if a trace or report cannot be written; nothing has run then.
 */
export async function runPipeline(
  { description }: Pipeline,
  runner: Runner,
  { timeout, killAfter, ...flags }: PipelineFlags,
): Promise<number> {
  using told = forwardSignals();
  const plan = toPlan({ ...description, source: sourceOf(description.source, flags) }, runner);
  using narrator = flags.verbose === true ? await newNarrator() : undefined;
  narrator?.plan(plan);
  await using watching = await watchRun(flags, heldStreams(plan));
  return await orSignalCode(async () => {
    const { ok, code, items, stages } = await execute(plan, {
      ...watching.options,
      check: false,
      signal: told.signal,
      signals: told.signals,
      ...(timeout !== undefined && { timeoutMs: timeout }),
      ...(killAfter !== undefined && { killAfterMs: killAfter }),
      ...(narrator && { onEvent: (event) => narrator.event(event) }),
    });
    if (!ok && items !== undefined) say(describeFailures(items));
    if (!ok) reportCode(stages);
    narrator?.end(code);
    return code;
  });
}

/** Reports on stderr why code failed, if it could not do so itself, such as at a limit. */
function reportCode(stages: readonly StageResult[]): void {
  for (const { codeResult } of stages) {
    const why = codeResult && whyCodeFailed(codeResult);
    if (why !== undefined) say(`the code failed: ${why}`);
  }
}

async function newNarrator() {
  const { Narrator } = await import("./narrator.ts");
  return new Narrator();
}
