// Starts commands of one pipeline together if their runners may queue them.

import { isPlannedCommand, type Plan, type PlannedStage } from "../model/plan.ts";
import { type Gang, isRunner, type Runner, startTogetherOf } from "../runners/contract/runner.ts";

/** The functions that start stages in place of `runner.start`. */
export type Starts = ReadonlyMap<PlannedStage, Runner["start"]>;

/**
 * Makes a gang of the commands on each kind of runner that queues. This comes before the source is opened, so that
 * the items of a fan-out do not queue before the commands that read them.
 *
 * @param keep takes the gangs, to dispose them
 */
export async function planGangs(plan: Plan, keep: (gang: Gang) => void): Promise<Starts> {
  const starts = new Map<PlannedStage, Runner["start"]>();
  const commands = plan.stages.filter(isPlannedCommand);
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
