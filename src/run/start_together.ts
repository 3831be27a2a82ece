// Commands of one pipeline that have to start together, as their computers may let some of them wait.

import type { Plan, PlannedCommand, PlannedStage } from "../model/plan.ts";
import { type Gang, isRunner, type Runner, startTogetherOf } from "../runners/contract/runner.ts";

/** What starts a stage, where that is not its runner alone. */
export type Starts = ReadonlyMap<PlannedStage, Runner["start"]>;

/**
 * Has runners gather the commands that they start together: before the source is opened, so that items of a fan-out
 * do not queue before the commands that read them. @param keep takes what is to be disposed
 */
export async function planGangs(plan: Plan, keep: (gang: Gang) => void): Promise<Starts> {
  const starts = new Map<PlannedStage, Runner["start"]>();
  const commands = plan.stages.filter((stage) => stage.runner !== undefined) as PlannedCommand[];
  for (const [, stages] of Map.groupBy(commands, ({ runner }) => runner.kind)) {
    const runners = stages.map(({ runner }) => runner).filter(isRunner);
    if (runners.length < 2 || runners.length < stages.length) continue;
    const startTogether = startTogetherOf(runners[0]!);
    if (startTogether === undefined) continue;
    const gang = await startTogether(runners);
    keep(gang);
    for (const [place, stage] of stages.entries()) {
      starts.set(stage, (...start) => gang.start(place, ...start));
    }
  }
  return starts;
}
