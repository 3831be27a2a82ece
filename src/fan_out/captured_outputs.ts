// Returns captured output as its user asked for it.

import { concatenate, toText } from "../blocks/output.ts";
import type { BoundedOutput } from "../io/bounded_output.ts";
import type { Encoding, OutputAs } from "../model/captured.ts";

/** What a captured result has besides those of the run. */
export interface CapturedOutputs<As extends Encoding> {
  readonly stdout: OutputAs<As>;
  readonly stderr: OutputAs<As>;
  readonly truncated: boolean;
}

/** Returns the kept parts of both streams as text or bytes. */
export function capturedOutputs<As extends Encoding>(
  stdout: BoundedOutput,
  stderr: BoundedOutput,
  encoding: Encoding = "text",
): CapturedOutputs<As> {
  return {
    stdout: outputAs<As>(stdout, encoding),
    stderr: outputAs<As>(stderr, encoding),
    truncated: stdout.isTruncated || stderr.isTruncated,
  };
}

function outputAs<As extends Encoding>(kept: BoundedOutput, encoding: Encoding): OutputAs<As> {
  const bytes = concatenate(kept.chunks);
  return (encoding === "bytes" ? bytes : toText(bytes)) as OutputAs<As>;
}
