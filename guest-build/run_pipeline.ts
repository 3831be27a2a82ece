// Runs a pipeline locally with the executor itself, as the public module, which has `run`, imports
// this folder.

import type { Pipeline } from "../src/blocks/pipeline.ts";
import { toPlan } from "../src/model/plan.ts";
import { execute } from "../src/run/execute.ts";
import { local } from "../src/runners/local/runner.ts";

/** Runs a pipeline to its end. @throws {CommandError | EndpointError} if it fails. */
export async function runPipeline({ description }: Pipeline): Promise<void> {
  await execute(toPlan(description, local()), {});
}
