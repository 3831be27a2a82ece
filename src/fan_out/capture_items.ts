// Runs a fan-out and returns its result with the output of each item.

import { BoundedOutput } from "../io/bounded_output.ts";
import { mergeLines } from "../io/merge_lines.ts";
import {
  CAPTURE_BYTES,
  type CapturedEach,
  type CapturedItem,
  type CaptureOptions,
  checkCaptureOptions,
  type Encoding,
} from "../model/captured.ts";
import { toOutcome } from "../model/outcome.ts";
import type { Plan } from "../model/plan.ts";
import type { RunEvent } from "../model/result.ts";
import { Stop } from "../runners/contract/stop.ts";
import { capturedOutputs } from "./captured_outputs.ts";
import { FanOut } from "./fan_out.ts";
import type { RunPlan } from "./run_item.ts";

/**
 * Runs a fan-out and captures stdout and stderr of each item.
 *
 * @throws {unknown} the reason of `options.signal`, if that is aborted.
 */
export async function captureItems<As extends Encoding>(
  plan: Plan,
  options: CaptureOptions<As>,
  runPlan: RunPlan,
): Promise<CapturedEach<As>> {
  checkCaptureOptions(options);
  const { encoding, maxOutputBytes = CAPTURE_BYTES, stderr: mode, ...rest } = options;
  using stop = new Stop(rest);
  const stderrs = new Map<number, BoundedOutput>();
  const fanOut = new FanOut(plan, {
    stop,
    runPlan,
    takeStderrOf: (index) =>
      mergeLines((lines) => stderrs.get(index)?.push(lines), mode === "forward"),
    onEvent(event: RunEvent) {
      // Of repeated attempts the last one counts.
      if (event.type === "item" && event.event.type === "begin") {
        stderrs.set(event.index, new BoundedOutput(maxOutputBytes));
      }
      options.onEvent?.(event);
    },
  });
  const items: CapturedItem<As>[] = [];
  try {
    for await (const { output, settled } of fanOut.turns()) {
      const stdout = new BoundedOutput(maxOutputBytes);
      for await (const chunk of output) stdout.push(chunk);
      const item = await settled;
      stop.throwIfStopped();
      const stderr = stderrs.get(item.index) ?? new BoundedOutput(0);
      items.push({ ...item, ...capturedOutputs<As>(stdout, stderr, encoding) });
      stderrs.delete(item.index);
    }
    stop.throwIfStopped();
    return { ...toOutcome([], stop, await fanOut.finish()).result, items };
  } finally {
    await fanOut.finish();
  }
}
