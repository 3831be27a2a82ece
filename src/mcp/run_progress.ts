// Describes for a client what a run is doing: one line for each phase.

import type { ItemEvent, RunEvent } from "../model/result.ts";
import type { RunObserver } from "../model/run_observer.ts";

/** Returns a listener that reports the phases of the stages of a pipeline. */
export function reportPhases(
  stages: number,
  report: (message: string) => void,
): (event: RunEvent) => void {
  return (event) => {
    if (event.type === "item") return;
    const line = lineOf(event);
    report(stages === 1 ? line : `stage ${event.stage + 1} of ${stages}: ${line}`);
  };
}

function lineOf(event: Exclude<RunEvent, ItemEvent>): string {
  if (event.type === "start") return "starting";
  if (event.type === "end") return "ended";
  const { phase, detail } = event;
  return detail === undefined ? phase : `${phase}: ${detail}`;
}

/** Returns an observer that reports the phases of code. */
export function phaseObserver(report: (message: string) => void): RunObserver {
  return { begin: () => ({ event: reportPhases(1, report), end: () => {} }) };
}
