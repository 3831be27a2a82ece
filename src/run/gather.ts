// Commands of one pipeline that have to start together, as their computers may let some of them wait.

import type { Plan, PlannedCommand, PlannedStage } from "../model/plan.ts";
import { type Gathering, isRunner, type Runner } from "../runners/contract/runner.ts";

/** What starts a stage, where that is not its runner alone. */
export type Starts = ReadonlyMap<PlannedStage, Runner["start"]>;

/** Has runners gather the commands that they start together. @param keep takes what is to be disposed */
export function gatherCommands(plan: Plan, keep: (gathering: Gathering) => void): Starts {
  const starts = new Map<PlannedStage, Runner["start"]>();
  const commands = plan.stages.filter((stage) => stage.runner !== undefined) as PlannedCommand[];
  for (const [, stages] of Map.groupBy(commands, ({ runner }) => runner.kind)) {
    const runners = stages.map(({ runner }) => runner).filter(isRunner);
    const gather = runners[0]?.gather;
    if (gather === undefined || runners.length < 2 || runners.length < stages.length) continue;
    const gathering = gather(runners);
    keep(gathering);
    for (const [place, stage] of stages.entries()) {
      starts.set(stage, (...start) => gathering.start(place, ...start));
    }
  }
  return starts;
}
