// Runs one item of a fan-out, with retries.

import type { OpenSink } from "../io/sink.ts";
import { CommandError } from "../model/errors.ts";
import type { EachSettings } from "../model/nodes.ts";
import type { Plan } from "../model/plan.ts";
import type { ItemEvent, ItemResult, Result } from "../model/result.ts";
import type { SignalledRunOptions } from "../model/run_options.ts";
import { MadeOutputs } from "./made_outputs.ts";
import { isRetried } from "./retry.ts";
import type { Spool } from "./spool.ts";

/** Runs a plan as `execute` does. */
export type RunPlan = (
  plan: Plan,
  options: SignalledRunOptions,
  sinkOf?: () => OpenSink,
) => Promise<Result>;

/** The parameters of running an item. */
export interface ItemRun {
  readonly plan: Plan;
  /** Takes the output, if the pipeline has no sink. */
  readonly spool: Spool | undefined;
  readonly settings: Pick<EachSettings, "retry" | "itemTimeoutMs">;
  readonly options:
    & Pick<SignalledRunOptions, "stderr" | "takeStderr" | "signals" | "killAfterMs">
    & { readonly signal: AbortSignal };
  /** Returns whether the fan-out has been ended, so that nothing is retried. */
  readonly isOver: () => boolean;
  readonly onPhase: (attempt: number, event: ItemEvent["event"]) => void;
  readonly runPlan: RunPlan;
}

/** The end of an attempt. */
type Ending = Pick<ItemResult, "status" | "result" | "error">;

/** Runs an item until it succeeds, has no attempts left, or is ended. */
export async function runItem(
  run: ItemRun,
): Promise<Omit<ItemResult, "index" | "item">> {
  const started = performance.now();
  for (let attempts = 1;; attempts++) {
    const made = new MadeOutputs();
    const ending = await runOnce(run, attempts, made);
    const again = ending.status === "failed" && !run.isOver() &&
      isRetried(ending.error, attempts, run.settings.retry);
    if (!again) return { ...ending, attempts, durationMs: performance.now() - started };
    await made.remove();
  }
}

async function runOnce(
  { plan, spool, ...run }: ItemRun,
  attempt: number,
  made: MadeOutputs,
): Promise<Ending> {
  const { signal } = run.options;
  const { itemTimeoutMs } = run.settings;
  run.onPhase(attempt, { type: "begin" });
  try {
    if (attempt > 1) await spool?.restart();
    const options: SignalledRunOptions = {
      ...run.options,
      ...(itemTimeoutMs !== undefined && { timeoutMs: itemTimeoutMs }),
      onEvent(event) {
        made.note(event);
        run.onPhase(attempt, event);
      },
    };
    const result = await run.runPlan(plan, options, spool && (() => spool.sink()));
    return { status: "succeeded", result };
  } catch (error) {
    if (signal.aborted && error === signal.reason) return { status: "cancelled" };
    if (!(error instanceof CommandError)) return { status: "failed", error };
    const { ok, code, timedOut, stages, items } = error;
    const result = { ok, code, timedOut, stages, ...(items !== undefined && { items }) };
    return { status: "failed", result, error };
  }
}
