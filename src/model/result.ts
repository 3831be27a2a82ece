// The events and results of runs.

import type { SignalName } from "../libc/signals.ts";
import type { CodeStageResult } from "./code_result.ts";
import type { Json } from "./nodes.ts";

/** An event of a running pipeline. `stage` is the index of the stage, from 0. */
export type RunEvent =
  | { readonly type: "start"; readonly stage: number; readonly argv: readonly string[] }
  | PhaseEvent
  | ItemEvent
  | EndEvent;

/** A stage has ended. */
export interface EndEvent {
  /** The kind of event. */
  readonly type: "end";
  /** The index of the stage, from 0. */
  readonly stage: number;
  /** The result of the stage. */
  readonly result: StageResult;
  /**
   * The error of its runner, if that failed. The status of the command is unknown then, and
   * `result` has SIGKILL.
   */
  readonly error?: unknown;
}

/** The runner of a stage has entered a phase, which lasts until its next phase or its end. */
export interface PhaseEvent {
  /** The kind of event. */
  readonly type: "phase";
  /** The index of the stage, from 0. */
  readonly stage: number;
  /** The name of the phase, which depends on the runner: `queued`, `booting` or `running`. */
  readonly phase: string;
  /** A readable line, such as why the command waits. */
  readonly detail?: string;
}

/** Byte counts of a stage, where they are known: not through a pipe between two commands. */
export interface StageBytes {
  /** Bytes that the stage was fed. */
  readonly bytesIn?: number;
  /** Bytes that the stage has written. */
  readonly bytesOut?: number;
}

/** An event of one item of a fan-out. */
export interface ItemEvent {
  /** The kind of event. */
  readonly type: "item";
  /** Always absent: items belong to the source. */
  readonly stage?: undefined;
  /** The index of the item, from 0. */
  readonly index: number;
  /** How many items there are. */
  readonly of: number;
  /** The number of the attempt, from 1; 0 if the item was never started. */
  readonly attempt: number;
  /** An event of its pipeline, or `begin` of an attempt, or `settled`: no more events follow. */
  readonly event:
    | RunEvent
    | { readonly type: "begin" }
    | { readonly type: "settled"; readonly status: ItemStatus };
}

/**
 * The final state of an item. `cancelled` items were running when the fan-out was ended, `skipped`
 * ones had not started by then.
 */
export type ItemStatus = "succeeded" | "failed" | "cancelled" | "skipped";

/** The result of one item of a fan-out. */
export interface ItemResult<Item extends Json = Json> {
  /** The index of the item, from 0. */
  readonly index: number;
  /** The item itself; absent if the JSON form left it out. */
  readonly item?: Item;
  /** The final state of the item. */
  readonly status: ItemStatus;
  /** How often the item was started. */
  readonly attempts: number;
  /** Milliseconds since the item was first started; 0 if it was not. */
  readonly durationMs: number;
  /** The result of the last attempt; absent if it ended for another reason than its commands. */
  readonly result?: Result;
  /** Why the item failed: a `CommandError` if a command failed, a `RunnerError` if a runner did. */
  readonly error?: unknown;
}

/** The result of an item and its output. */
export interface ItemOutput<Item extends Json = Json> extends ItemResult<Item> {
  /** The whole output of its pipeline. */
  readonly output: Uint8Array<ArrayBuffer>;
}

/**
 * The result of a fan-out. Its code is that of the first failed item, or 125 if a runner, source or
 * sink failed.
 */
export interface EachResult<Item extends Json = Json> extends Result {
  /** The result of each item, in order. */
  readonly items: readonly ItemResult<Item>[];
}

/** The command of a chain that failed, which is the last that ran. */
export interface FailedLink {
  /** How many commands the chain has. */
  readonly of: number;
  /**
   * The number of the command, from 1; absent if the runner cannot know it, such as `docker` with
   * `tty`.
   */
  readonly number?: number;
  /** The argv of the command; absent if `number` is. */
  readonly argv?: readonly string[];
}

/** The result of one stage. */
export interface StageResult extends StageBytes {
  /** The command as written; for a transform, its name. */
  readonly argv: readonly string[];
  /** The kind of the runner; `"js"` for a transform. */
  readonly runner: string;
  /** The exit code; absent if the command was killed by a signal. */
  readonly code?: number;
  /** The signal that killed the command, if one did. */
  readonly signal?: SignalName;
  /** The command that failed, if the stage is a chain and failed. */
  readonly failedLink?: FailedLink;
  /** How the code ended and which files it made, if the stage runs code that has started. */
  readonly codeResult?: CodeStageResult;
  /** Milliseconds from the request to start until the end. */
  readonly durationMs: number;
  /** The last 8 KiB of stderr; empty if that was not forwarded by this process. */
  readonly stderrTail: string;
}

/** The result of a pipeline. */
export interface Result {
  /** Whether no stage failed. */
  readonly ok: boolean;
  /**
   * The exit code of the pipeline: that of the rightmost failed stage (128+n if signal n killed
   * it), 124 after a time limit, else 0.
   */
  readonly code: number;
  /**
   * Whether the pipeline was ended because it reached its time limit, or the stage that set its
   * code is code that reached its own.
   */
  readonly timedOut: boolean;
  /** The result of each stage, from left to right. */
  readonly stages: readonly StageResult[];
  /** The result of each item, if the source is a fan-out. */
  readonly items?: readonly ItemResult[];
}
