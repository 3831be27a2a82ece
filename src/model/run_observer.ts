// The contract of who watches runs as a whole: what is about to run, what happens, and how it ended.

import type { EdgeKind, Plan, PlannedStage } from "./plan.ts";
import { describeNode } from "./plan.ts";
import type { Result, RunEvent, StageBytes } from "./result.ts";

/** A stage of what is about to run. */
export interface OutlinedStage {
  /** The kind of its runner; `"js"` for a transform. */
  readonly runner: string;
  /** The command as written; of a transform, its name. */
  readonly argv: readonly string[];
  /** The command line on this machine that runs it, if it is another one. */
  readonly hostArgv?: readonly string[];
  /** Whether it has a terminal of its own. */
  readonly tty?: boolean;
}

/** What is about to run, for people to read. `edges[i]` leads into `stages[i]`, the last one into the sink. */
export interface RunOutline {
  /** The source as its builder would be written. */
  readonly source: string;
  /** The stages from left to right. */
  readonly stages: readonly OutlinedStage[];
  /** What joins them. */
  readonly edges: readonly EdgeKind[];
  /** The sink as its builder would be written. */
  readonly sink: string;
  /** Of a source that is a fan-out: the pipeline of each item. */
  readonly items?: readonly RunOutline[];
}

/** How a run ended: with a result, or with the error that it is rejected with. */
export type RunEnd = { readonly result: Result } | { readonly error: unknown };

/** Watches one run. What it throws in `event` ends the run, as of `onEvent`. */
export interface RunWatch {
  /** Hears of each thing that happens, at once. */
  event(event: RunEvent): void;
  /** Hears how it ended, once, after all else. It must not throw. */
  end(end: RunEnd): void;
}

/** Watches runs, of which there may be many, also at once. */
export interface RunObserver {
  /**
   * A run is about to begin; nothing of it has been opened yet.
   *
   * @param bytesNow gives the bytes of each stage so far, at any time; it is empty before the first starts
   */
  begin(outline: RunOutline, bytesNow: () => readonly StageBytes[]): RunWatch;
}

/** The outline of a plan. */
export function outlineOf(plan: Plan): RunOutline {
  return {
    source: describeNode(plan.source),
    stages: plan.stages.map(outlineStage),
    edges: plan.edges,
    sink: describeNode(plan.sink),
    ...(plan.items.length > 0 && { items: plan.items.map(outlineOf) }),
  };
}

function outlineStage(stage: PlannedStage): OutlinedStage {
  if (stage.runner === undefined) return { runner: "js", argv: stage.argv };
  const { argv, hostArgv, runner: { kind, options } } = stage;
  const isSame = hostArgv.length === argv.length && hostArgv.every((word, i) => word === argv[i]);
  return {
    runner: kind,
    argv,
    ...(!isSame && { hostArgv }),
    ...(options["tty"] === true && { tty: true }),
  };
}
