// What happened in runs, and when: the record that traces, spans and reports are made from.

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

/** A time that something took. Times are milliseconds since the epoch, with fractions. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a runner did for a stage. */
export interface PhaseSpan extends Interval {
  readonly phase: string;
  /** The lines that it told of it. */
  readonly details: readonly string[];
}

/** What a stage did. */
export interface StageSpan extends Interval {
  readonly outline: OutlinedStage;
  readonly phases: readonly PhaseSpan[];
  /** How it went; `undefined` if that was not told. */
  readonly result: StageResult | undefined;
  readonly bytes: StageBytes;
  /** Why its runner failed; `undefined` if it did not. */
  readonly error: unknown;
}

/** What became of an item of a fan-out. */
export interface ItemSpan {
  readonly index: number;
  /** The item itself; `undefined` if that was not told. */
  readonly item: Json | undefined;
  /** `undefined` if that was not told. */
  readonly status: ItemStatus | undefined;
  /** How often it was begun. */
  readonly attempts: number;
  /** Its last attempt; `undefined` if there was none. */
  readonly run: RunSpan | undefined;
}

/** What a run did. */
export interface RunSpan extends Interval {
  readonly outline: RunOutline;
  /** A stage that never began has none. */
  readonly stages: readonly (StageSpan | undefined)[];
  readonly end: RunEnd;
  /** Those of a fan-out that there is something to tell of. */
  readonly items: readonly ItemSpan[];
}

/** Now, in milliseconds since the epoch; it never goes back. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Records runs. @param onRun takes each run as it ends */
export function recordRuns(onRun: (run: RunSpan) => void, now: () => number = nowMs): RunObserver {
  return { begin: (outline) => new RunRecord(outline, onRun, now) };
}

/** What is known of an item so far. */
interface ItemRecord {
  attempts: number;
  status?: ItemStatus;
  endMs?: number;
  run?: RunRecord;
}

/** What is known of a stage so far. */
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

  /** What it did, now that it has ended. */
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

/** What is known of an item that nobody has planned. */
const NOTHING: RunOutline = { source: "", stages: [], edges: [], sink: "" };

/** @param known the end of the run, and what it has told of the item */
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

/** A phase that is told of again goes on. */
function notePhase(stage: StageRecord, phase: string, detail: string | undefined, atMs: number) {
  const last = stage.phases.at(-1);
  const details = detail === undefined ? [] : [detail];
  if (last?.phase === phase) last.details.push(...details);
  else stage.phases.push({ phase, startMs: atMs, details });
}

/** @param known the times of the run, and what its end has told */
function toSpan(
  record: StageRecord,
  outline: OutlinedStage,
  known: Interval & { readonly result: StageResult | undefined },
): StageSpan {
  const { endMs = known.endMs, error } = record;
  // The first event comes when it has been started, which takes its time too.
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
