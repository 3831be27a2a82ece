// `execvm pipe`: a pipeline from a file.

import { guarded } from "./guarded.ts";
import { readPipeline } from "./read_pipeline.ts";
import { type PipelineFlags, runPipeline } from "./run_pipeline.ts";
import { type RunnerFlags, runnerOf, withDefaultRunner } from "./runner_flags.ts";

interface PipeFlags extends PipelineFlags {
  readonly verbose?: boolean;
}

/** Runs the pipeline of `execvm pipe`. */
export const pipe = guarded(async (_context, flags: PipeFlags & RunnerFlags, file: string) =>
  await runPipeline(await readPipeline(file), runnerOf(withDefaultRunner(flags)), flags)
);
