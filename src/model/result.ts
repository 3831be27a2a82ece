// What running a pipeline takes and gives.

import type { SignalName } from "../libc/signals.ts";
import type { Json } from "./nodes.ts";

/** What happens while a pipeline runs. `stage` is the index among the stages. */
export type RunEvent =
  | { readonly type: "start"; readonly stage: number; readonly argv: readonly string[] }
  | PhaseEvent
  | ItemEvent
  | EndEvent;

/** A stage has ended. */
export interface EndEvent {
  /** Which event it is. */
  readonly type: "end";
  /** The index of the stage. */
  readonly stage: number;
  /** How it went. */
  readonly result: StageResult;
  /** Why its runner failed, if it did: nothing is known of the command then, and `result` says SIGKILL. */
  readonly error?: unknown;
}

/** What the runner does for a stage from now on, until its next phase or its end. */
export interface PhaseEvent {
  /** Which event it is. */
  readonly type: "phase";
  /** The index of the stage. */
  readonly stage: number;
  /** A word of the runner's, such as `queued`, `booting` or `running`. */
  readonly phase: string;
  /** A line for people, such as why it waits. */
  readonly detail?: string;
}

/** Bytes of a stage, where they are known: not through a pipe between two commands. */
export interface StageBytes {
  /** Bytes it was fed. */
  readonly bytesIn?: number;
  /** Bytes it gave. */
  readonly bytesOut?: number;
}

/** What happens to an item of a fan-out. */
export interface ItemEvent {
  /** Which event it is. */
  readonly type: "item";
  /** None: it is of the source. */
  readonly stage?: undefined;
  /** The index of the item. */
  readonly index: number;
  /** How many items there are. */
  readonly of: number;
  /** Which attempt it is, from 1 on; 0 if there was none. */
  readonly attempt: number;
  /** What happens in its pipeline; or an attempt begins; or there is no more to come of it. */
  readonly event:
    | RunEvent
    | { readonly type: "begin" }
    | { readonly type: "settled"; readonly status: ItemStatus };
}

/**
 * What became of an item: it was `cancelled` if it was running when all was ended, and `skipped` if it had
 * not begun then.
 */
export type ItemStatus = "succeeded" | "failed" | "cancelled" | "skipped";

/** How one item of a fan-out went. */
export interface ItemResult<Item extends Json = Json> {
  /** Its index among the items. */
  readonly index: number;
  /** The item itself, if it has one: in JSON it may be left out. */
  readonly item?: Item;
  /** What became of it. */
  readonly status: ItemStatus;
  /** How often it was begun. */
  readonly attempts: number;
  /** Milliseconds from when it was begun first; 0 if it was not. */
  readonly durationMs: number;
  /** How its pipeline went, the last time, if commands decided that. */
  readonly result?: Result;
  /** Why it failed: a `CommandError` if commands did, a `RunnerError` if the machinery did. */
  readonly error?: unknown;
}

/** An item and what it put out. */
export interface ItemOutput<Item extends Json = Json> extends ItemResult<Item> {
  /** All that its pipeline put out. */
  readonly output: Uint8Array<ArrayBuffer>;
}

/** How a fan-out went. Its code is that of the first item that failed; 125 if machinery did. */
export interface EachResult<Item extends Json = Json> extends Result {
  /** How each item went, in their order. */
  readonly items: readonly ItemResult<Item>[];
}

/** Which command of a chain it was that failed: the last that ran. */
export interface FailedLink {
  /** How many commands the chain has. */
  readonly of: number;
  /** Its number, from 1 on; absent where the runner has no way to tell, as on a terminal of `docker`. */
  readonly number?: number;
  /** Its argv, likewise. */
  readonly argv?: readonly string[];
}

/** How one stage went. */
export interface StageResult extends StageBytes {
  /** The command as written; of a transform, its name. */
  readonly argv: readonly string[];
  /** The kind of the runner; `"js"` for a transform. */
  readonly runner: string;
  /** Its exit code, unless it died of a signal. */
  readonly code?: number;
  /** The signal it died of. */
  readonly signal?: SignalName;
  /** Of a chain that failed: which of its commands did. */
  readonly failedLink?: FailedLink;
  /** Milliseconds from when it was to start until it ended. */
  readonly durationMs: number;
  /** The last 8 KiB of its stderr, where that was passed on. */
  readonly stderrTail: string;
}

/** How a pipeline went. */
export interface Result {
  /** Whether no stage failed. */
  readonly ok: boolean;
  /**
   * The exit code of the pipeline: of the rightmost stage that failed, 128+n if that died of signal
   * n, 124 if the time was over, else 0.
   */
  readonly code: number;
  /** Whether it was ended as its time was over. */
  readonly timedOut: boolean;
  /** How each stage went, from left to right. */
  readonly stages: readonly StageResult[];
  /** How each item went, if the source is a fan-out. */
  readonly items?: readonly ItemResult[];
}
