// The interface of observers of runs: what is about to run, each event, and how the run ended.

import type { EdgeKind, Plan, PlannedStage } from "./plan.ts";
import { describeNode } from "./plan.ts";
import type { Result, RunEvent, StageBytes } from "./result.ts";

/** A stage of a {@linkcode RunOutline}. */
export interface OutlinedStage {
  /** The kind of the runner; `"js"` for a transform. */
  readonly runner: string;
  /** The command as written; for a transform, its name. */
  readonly argv: readonly string[];
  /** The command line on this machine that runs it, if that is different. */
  readonly hostArgv?: readonly string[];
  /** Whether the command has its own terminal. */
  readonly tty?: boolean;
}

/**
 * A readable outline of what is about to run. `edges[i]` leads into `stages[i]`, the last edge into
 * the sink.
 */
export interface RunOutline {
  /** The source as the call of its builder, such as `file("a")`. */
  readonly source: string;
  /** The stages from left to right. */
  readonly stages: readonly OutlinedStage[];
  /** What connects source, stages and sink. */
  readonly edges: readonly EdgeKind[];
  /** The sink as the call of its builder. */
  readonly sink: string;
  /** The pipeline of each item, if the source is a fan-out. */
  readonly items?: readonly RunOutline[];
}

/** The end of a run: its result, or the error that it rejects with. */
export type RunEnd = { readonly result: Result } | { readonly error: unknown };

/** Observes one run. */
export interface RunWatch {
  /**
   * Called synchronously for each event. An error that it throws ends the run, as with `onEvent`.
   */
  event(event: RunEvent): void;
  /** Called once, after all events. It must not throw. */
  end(end: RunEnd): void;
}

/** Observes any number of runs, also concurrent ones. */
export interface RunObserver {
  /**
   * Called before each run, when nothing of it has been opened yet. Returns the observer of that
   * run.
   *
   * @param outline what is about to run
   * @param bytesNow returns the byte counts of each stage so far; it may be called at any time, and
   * returns an empty list before the first stage starts
   */
  begin(outline: RunOutline, bytesNow: () => readonly StageBytes[]): RunWatch;
}

/** Returns the outline of a plan. */
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
