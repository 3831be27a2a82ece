// Renders runs as a trace in Chrome's format, for Perfetto and chrome://tracing. Pure.
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU

import { quoteArgv, wordText } from "../host/quote.ts";
import { describeLink } from "../model/failed_link.ts";
import { describeEnd, describeStage, titleOf } from "./run_words.ts";
import type { Interval, RunSpan, StageSpan } from "./timeline.ts";

/** An event: `X` is a period, `M` names a process or thread. */
export interface TraceEvent {
  readonly ph: "X" | "M";
  readonly name: string;
  readonly cat?: string;
  /** Microseconds since the begin of the trace. */
  readonly ts: number;
  /** The duration in microseconds. */
  readonly dur?: number;
  /** The run, from 1. */
  readonly pid: number;
  /** The stage, from 1; 0 is the run itself. */
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A whole trace. */
export interface Trace {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: "ms";
  readonly otherData: Readonly<Record<string, string>>;
}

/** Returns the trace of runs: one process per run or item of a fan-out, one thread per stage. */
export function toTrace(runs: readonly RunSpan[]): Trace {
  const originMs = Math.min(...runs.map(({ startMs }) => startMs));
  const otherData: Record<string, string> = runs.length === 0
    ? {}
    : { began: new Date(originMs).toISOString() };
  const traceEvents = runs.flatMap((run) => withItems(run)).flatMap((titled, index) =>
    runEvents(titled, index + 1, originMs)
  );
  return { traceEvents, displayTimeUnit: "ms", otherData };
}

/** A run, or an item of one. */
interface TitledRun {
  readonly run: RunSpan;
  readonly title: string;
}

/** Yields a run, followed by each of its items. */
function withItems(run: RunSpan, place = ""): TitledRun[] {
  const items = run.items.flatMap(({ index, run: item }) =>
    item === undefined ? [] : withItems(item, `${place}item ${index}: `)
  );
  return [{ run, title: `${place}${titleOf(run.outline)}` }, ...items];
}

function runEvents({ run, title }: TitledRun, pid: number, originMs: number): TraceEvent[] {
  const { source, sink } = run.outline;
  const whole = { name: title, cat: "run", ...timesOf(run, originMs) };
  return [
    named("process_name", { pid, tid: 0 }, { name: `execvm: ${title}` }),
    named("process_sort_index", { pid, tid: 0 }, { sort_index: pid }),
    named("thread_name", { pid, tid: 0 }, { name: "pipeline" }),
    { ph: "X", ...whole, pid, tid: 0, args: { source, sink, end: describeEnd(run.end) } },
    ...run.stages.flatMap((stage, index) =>
      stage === undefined ? [] : stageEvents(stage, { pid, tid: index + 1 }, originMs)
    ),
  ];
}

interface Track {
  readonly pid: number;
  readonly tid: number;
}

function stageEvents(stage: StageSpan, track: Track, originMs: number): TraceEvent[] {
  const { outline: { argv, runner }, result, bytes, phases } = stage;
  const name = wordText(argv[0] ?? "");
  const { code, signal, failedLink, stderrTail } = result ?? {};
  const args = {
    argv: argv.map(wordText),
    runner,
    end: describeStage(stage),
    code,
    signal,
    failed: failedLink && describeLink(failedLink),
    ...bytes,
    stderrTail,
  };
  return [
    named("thread_name", track, { name: `${track.tid}: ${quoteArgv(argv)} (${runner})` }),
    named("thread_sort_index", track, { sort_index: track.tid }),
    { ph: "X", name, cat: "stage", ...timesOf(stage, originMs), ...track, args },
    ...phases.map(({ phase, details, ...times }): TraceEvent => ({
      ph: "X",
      name: phase,
      cat: "phase",
      ...timesOf(times, originMs),
      ...track,
      args: { details },
    })),
  ];
}

function named(name: string, track: Track, args: TraceEvent["args"]): TraceEvent {
  return { ph: "M", name, ts: 0, ...track, args };
}

/** Rounds so that inner periods stay inside. */
function timesOf({ startMs, endMs }: Interval, originMs: number): { ts: number; dur: number } {
  const ts = Math.round((startMs - originMs) * 1000);
  return { ts, dur: Math.round((endMs - originMs) * 1000) - ts };
}
