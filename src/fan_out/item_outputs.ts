// Runs a fan-out and yields each item with its output.

import { concatenate } from "../blocks/output.ts";
import { withOutput } from "../model/errors.ts";
import { type Outcome, toOutcome } from "../model/outcome.ts";
import type { Plan } from "../model/plan.ts";
import type { ItemOutput, RunEvent } from "../model/result.ts";
import { outlineOf, type RunEnd } from "../model/run_observer.ts";
import type { RunOptions } from "../model/run_options.ts";
import { Stop } from "../runners/contract/stop.ts";
import { FanOut, type Turn } from "./fan_out.ts";
import type { RunPlan } from "./run_item.ts";

/** The sink of a fan-out whose outputs the caller reads. */
const OUTPUTS = "outputs()";

/**
 * Runs a fan-out, yields each item with its output in order, and returns the outcome of all. A
 * consumer that leaves early waits until running items have ended.
 *
 * @throws {unknown} the reason of `options.signal`, if that is aborted.
 */
export async function* itemOutputs(
  plan: Plan,
  options: RunOptions,
  runPlan: RunPlan,
): AsyncGenerator<ItemOutput, Outcome> {
  using stop = new Stop(options);
  const watch = options.observer?.begin({ ...outlineOf(plan), sink: OUTPUTS }, () => []);
  const onEvent = watch && ((event: RunEvent) => {
    watch.event(event);
    options.onEvent?.(event);
  });
  const fanOut = new FanOut(plan, { ...options, ...(onEvent && { onEvent }), stop, runPlan });
  const outcome = async () => toOutcome([], stop, await fanOut.finish());
  let end: RunEnd | undefined;
  try {
    for await (const turn of fanOut.turns()) {
      const item = await take(turn);
      stop.throwIfStopped();
      yield item;
    }
    stop.throwIfStopped();
    const ended = await outcome();
    end = ended;
    return ended;
  } catch (error) {
    end = { error };
    throw error;
  } finally {
    const left = await outcome(); // of a consumer that has left, if there is no end yet
    watch?.end(end ?? left);
  }
}

async function take({ output, settled }: Turn): Promise<ItemOutput> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of output) chunks.push(chunk);
  const result = await settled;
  const whole = concatenate(chunks);
  withOutput(result.error, () => whole);
  return { ...result, output: whole };
}
