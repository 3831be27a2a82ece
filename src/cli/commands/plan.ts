// `execvm plan`: shows a pipeline from a file without running it.

import { UsageError } from "../../model/errors.ts";
import { toPlan } from "../../model/plan.ts";
import { type RunnerFlags, runnerOf, withDefaultRunner } from "../flags/runner_flags.ts";
import { sourceOf, type StdinFlags } from "../flags/stdin_flag.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { readPipeline } from "./read_pipeline.ts";

interface PlanFlags extends StdinFlags {
  readonly json?: boolean;
  readonly schema?: boolean;
  readonly verbose?: boolean;
}

/** Runs `execvm plan`: prints the plan of a pipeline, or the JSON Schema of pipelines. */
export const plan = withErrorReport(
  async (context, flags: PlanFlags & RunnerFlags, file?: string) => {
    const { stdout } = context.process;
    if (flags.schema === true) {
      const { jsonSchema } = await import("../../runners/json_schema.ts");
      stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
      return 0;
    }
    if (file === undefined) {
      throw new UsageError("cannot plan: FILE is missing: give a path, or - for stdin");
    }
    const { description } = await readPipeline(file);
    const runner = await runnerOf(withDefaultRunner(flags));
    const shown = toPlan({ ...description, source: sourceOf(description.source, flags) }, runner);
    stdout.write(`${flags.json === true ? JSON.stringify(shown, null, 2) : shown}\n`);
    return 0;
  },
);
