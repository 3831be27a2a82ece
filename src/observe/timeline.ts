// Records what happened in runs, and when, for traces, spans and reports.

import type { Json } from "../model/nodes.ts";
import type {
  ItemEvent,
  ItemResult,
  ItemStatus,
  RunEvent,
  StageBytes,
  StageResult,
} from "../model/result.ts";
import type {
  OutlinedStage,
  RunEnd,
  RunObserver,
  RunOutline,
  RunWatch,
} from "../model/run_observer.ts";

/** A period. Times are milliseconds since the epoch, with fractions. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** A phase of a stage. */
export interface PhaseSpan extends Interval {
  readonly phase: string;
  /** The detail lines that the runner reported. */
  readonly details: readonly string[];
}

/** A stage. */
export interface StageSpan extends Interval {
  readonly outline: OutlinedStage;
  readonly phases: readonly PhaseSpan[];
  /** The result; `undefined` if none was reported. */
  readonly result: StageResult | undefined;
  readonly bytes: StageBytes;
  /** The error of the runner; `undefined` if it did not fail. */
  readonly error: unknown;
}

/** An item of a fan-out. */
export interface ItemSpan {
  readonly index: number;
  /** The item itself; `undefined` if it was not reported. */
  readonly item: Json | undefined;
  /** `undefined` if it was not reported. */
  readonly status: ItemStatus | undefined;
  /** How often the item was started. */
  readonly attempts: number;
  /** The last attempt; `undefined` if there was none. */
  readonly run: RunSpan | undefined;
}

/** A run. */
export interface RunSpan extends Interval {
  readonly outline: RunOutline;
  /** `undefined` for a stage that was never started. */
  readonly stages: readonly (StageSpan | undefined)[];
  readonly end: RunEnd;
  /** The items of a fan-out about which anything is known. */
  readonly items: readonly ItemSpan[];
}

/** Returns the time in milliseconds since the epoch; it never goes backwards. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Returns an observer that records runs. @param onRun called with each run when it ends */
export function recordRuns(onRun: (run: RunSpan) => void, now: () => number = nowMs): RunObserver {
  return { begin: (outline) => new RunRecord(outline, onRun, now) };
}

/** The record of an item so far. */
interface ItemRecord {
  attempts: number;
  status?: ItemStatus;
  endMs?: number;
  run?: RunRecord;
}

/** The record of a stage so far. */
interface StageRecord {
  readonly startMs: number;
  endMs?: number;
  readonly phases: {
    readonly phase: string;
    readonly startMs: number;
    readonly details: string[];
  }[];
  result?: StageResult;
  error?: unknown;
}

class RunRecord implements RunWatch {
  readonly #outline: RunOutline;
  readonly #onRun: (run: RunSpan) => void;
  readonly #now: () => number;
  readonly #startMs: number;
  readonly #stages = new Map<number, StageRecord>();
  readonly #items = new Map<number, ItemRecord>();

  constructor(outline: RunOutline, onRun: (run: RunSpan) => void, now: () => number) {
    this.#outline = outline;
    this.#onRun = onRun;
    this.#now = now;
    this.#startMs = now();
  }

  event(event: RunEvent): void {
    if (event.type === "item") return this.#noteItem(event);
    const atMs = this.#now();
    const stage = this.#stages.getOrInsertComputed(
      event.stage,
      () => ({ startMs: atMs, phases: [] }),
    );
    if (stage.endMs !== undefined) return;
    if (event.type === "phase") notePhase(stage, event.phase, event.detail, atMs);
    if (event.type === "end") {
      Object.assign(stage, { endMs: atMs, result: event.result, error: event.error });
    }
  }

  end(end: RunEnd): void {
    this.#onRun(this.finish(end, this.#now()));
  }

  /** Returns the record, when the stage has ended. */
  finish(end: RunEnd, endMs: number): RunSpan {
    const times = { startMs: this.#startMs, endMs };
    const { stages: results, items: ended = [] } = "result" in end ? end.result : { stages: [] };
    const stages = this.#outline.stages.map((outline, index) => {
      const record = this.#stages.get(index);
      return record && toSpan(record, outline, { ...times, result: results[index] });
    });
    const items = [...this.#items].sort(([a], [b]) => a - b)
      .map(([index, record]) => toItem(index, record, { endMs, result: ended[index] }));
    return { outline: this.#outline, ...times, stages, end, items };
  }

  #noteItem({ index, attempt, event }: ItemEvent): void {
    const item = this.#items.getOrInsertComputed(index, () => ({ attempts: 0 }));
    item.attempts = attempt;
    if (event.type === "begin") {
      const outline = this.#outline.items?.[index] ?? NOTHING;
      item.run = new RunRecord(outline, () => {}, this.#now);
    } else if (event.type === "settled") {
      Object.assign(item, { status: event.status, endMs: this.#now() });
    } else item.run?.event(event);
  }
}

/** The outline of an item that is not in the plan. */
const NOTHING: RunOutline = { source: "", stages: [], edges: [], sink: "" };

/** @param known the end of the run, and what it reported of the item */
function toItem(
  index: number,
  { attempts, status, run, endMs }: ItemRecord,
  known: { readonly endMs: number; readonly result: ItemResult | undefined },
): ItemSpan {
  const { result, error = new Error(status ?? "it was ended") } = known.result ?? {};
  const end = result === undefined ? { error } : { result };
  const { item } = known.result ?? {};
  return { index, item, status, attempts, run: run?.finish(end, endMs ?? known.endMs) };
}

/** Adds a phase; one that is reported again continues. */
function notePhase(stage: StageRecord, phase: string, detail: string | undefined, atMs: number) {
  const last = stage.phases.at(-1);
  const details = detail === undefined ? [] : [detail];
  if (last?.phase === phase) last.details.push(...details);
  else stage.phases.push({ phase, startMs: atMs, details });
}

/** @param known the times of the run, and its end */
function toSpan(
  record: StageRecord,
  outline: OutlinedStage,
  known: Interval & { readonly result: StageResult | undefined },
): StageSpan {
  const { endMs = known.endMs, error } = record;
  // The first event arrives after the start, which takes time as well.
  const begunMs = Math.min(record.startMs, endMs - (record.result?.durationMs ?? 0));
  const startMs = Math.max(begunMs, known.startMs);
  const phases = record.phases.map((phase, index) => ({
    ...phase,
    endMs: record.phases[index + 1]?.startMs ?? endMs,
  }));
  const result = known.result ?? record.result;
  const { bytesIn, bytesOut } = result ?? {};
  const bytes = {
    ...(bytesIn !== undefined && { bytesIn }),
    ...(bytesOut !== undefined && { bytesOut }),
  };
  return { outline, startMs, endMs, phases, result, bytes, error };
}
