// Runs a pipeline and returns its result with its output.

import { capturedOutputs } from "../fan_out/captured_outputs.ts";
import { BoundedOutput } from "../io/bounded_output.ts";
import { mergeLines } from "../io/merge_lines.ts";
import { callSink } from "../io/open_sink.ts";
import {
  CAPTURE_BYTES,
  type Captured,
  type CaptureOptions,
  checkCaptureOptions,
  type Encoding,
} from "../model/captured.ts";
import { attachedResult, attachResult } from "../model/errors.ts";
import type { SinkNode } from "../model/nodes.ts";
import type { Plan } from "../model/plan.ts";
import type { Result } from "../model/result.ts";
import { execute } from "./execute.ts";

/** Runs a plan, given its sink, and captures stdout and stderr. */
export async function capture<As extends Encoding>(
  planOf: (sink: SinkNode) => Plan,
  options: CaptureOptions<As>,
): Promise<Captured<As>> {
  checkCaptureOptions(options);
  const { encoding, maxOutputBytes = CAPTURE_BYTES, stderr: mode, ...rest } = options;
  const plan = planOf({ type: "stream", writable: new WritableStream() });
  const stdout = new BoundedOutput(maxOutputBytes);
  const stderr = new BoundedOutput(maxOutputBytes);
  const takeStderr = mergeLines((lines) => stderr.push(lines), mode === "forward");
  const run = { ...rest, check: false, takeStderr };
  const captured = (result: Result): Captured<As> => ({
    ...result,
    ...capturedOutputs<As>(stdout, stderr, encoding),
  });
  try {
    return captured(await execute(plan, run, () => callSink((chunk) => stdout.push(chunk))));
  } catch (error) {
    const result = attachedResult(error);
    if (result !== undefined) attachResult(error, captured(result));
    throw error;
  }
}
