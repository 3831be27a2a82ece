// `execvm pipe`: runs a pipeline from a file.

import { type RunnerFlags, runnerOf, withDefaultRunner } from "../flags/runner_flags.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { readPipeline } from "./read_pipeline.ts";
import { type PipelineFlags, runPipeline } from "./run_pipeline.ts";

interface PipeFlags extends PipelineFlags {
  readonly verbose?: boolean;
}

/** Runs `execvm pipe`. */
export const pipe = withErrorReport(async (
  _context,
  flags: PipeFlags & RunnerFlags,
  file: string,
) => {
  const pipeline = await readPipeline(file);
  return await runPipeline(pipeline, await runnerOf(withDefaultRunner(flags)), flags);
});
