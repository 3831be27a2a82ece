// Runs a fan-out and yields each item with its output.

import { concatenate } from "../blocks/output.ts";
import { withOutput } from "../model/errors.ts";
import { type Outcome, toOutcome } from "../model/outcome.ts";
import type { Plan } from "../model/plan.ts";
import type { ItemOutput } from "../model/result.ts";
import type { RunOptions } from "../model/run_options.ts";
import { Stop } from "../runners/contract/stop.ts";
import { FanOut, type Turn } from "./fan_out.ts";
import type { RunPlan } from "./run_item.ts";

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
  const fanOut = new FanOut(plan, { ...options, stop, runPlan });
  try {
    for await (const turn of fanOut.turns()) {
      const item = await take(turn);
      stop.throwIfStopped();
      yield item;
    }
    stop.throwIfStopped();
    return toOutcome([], stop, await fanOut.finish());
  } finally {
    await fanOut.finish();
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
