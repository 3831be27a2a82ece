// `execvm plan`: a pipeline from a file, shown.

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

/** Shows the pipeline of `execvm plan`, or the schema of all. */
export const plan = withErrorReport(
  async (context, flags: PlanFlags & RunnerFlags, file?: string) => {
    const { stdout } = context.process;
    if (flags.schema === true) {
      const { jsonSchema } = await import("../../runners/json_schema.ts");
      stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
      return 0;
    }
    if (file === undefined) throw new UsageError("Cannot plan as no FILE is given; - is stdin");
    const { description } = await readPipeline(file);
    const runner = await runnerOf(withDefaultRunner(flags));
    const shown = toPlan({ ...description, source: sourceOf(description.source, flags) }, runner);
    stdout.write(`${flags.json === true ? JSON.stringify(shown, null, 2) : shown}\n`);
    return 0;
  },
);
