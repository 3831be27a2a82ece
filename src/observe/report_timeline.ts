// Draws the timeline of a report: one bar per stage, with its phases. Pure.

import { quoteArgv } from "../host/quote.ts";
import { printableLine } from "../host/printable.ts";
import { Html, html } from "./html.ts";
import { nameItems } from "./item_names.ts";
import { KIND_WORDS, type PhaseKind, phaseKind } from "./phase_kinds.ts";
import { stageVerdict, type Verdict } from "./run_words.ts";
import type { ItemSpan, PhaseSpan, RunSpan, StageSpan } from "./timeline.ts";
import { formatDuration } from "./units.ts";

/** The approximate number of ticks on the axis. */
const TICKS = 5;

/** The maximum position of the last tick, which leaves room for its label on a narrow screen. */
const MAX_TICK = 0.8;

/** How many items have their own bar. */
const MAX_ITEMS = 50;

/** The maximum length of a label. */
const MAX_LABEL = 300;

/** Returns the timeline of a run's stages. */
export function reportTimeline(run: RunSpan): Html {
  const at = placeIn(run);
  const rows = run.stages.map((stage, index) => {
    const { argv, runner } = run.outline.stages[index]!;
    const took = stage === undefined ? "not started" : formatDuration(stage.endMs - stage.startMs);
    const bars = stage === undefined ? [] : barsOf(stage).map((bar) => drawBar(bar, at));
    const verdict = stageVerdict(stage);
    return drawRow({ label: quoteArgv(argv), facts: `${runner} · ${took}`, bars, verdict });
  });
  return drawTimeline(run, rows, drawLegend(run));
}

/** Returns the timeline of a fan-out's items: the first ones, and failed ones. */
export function itemTimeline(run: RunSpan): Html {
  const at = placeIn(run);
  const nameOf = nameItems(run);
  const shown = rowItems(run);
  const rows = shown.map((item) => {
    const { status = "ended", run: own } = item;
    const verdict = status === "failed" ? "failed" : "unknown";
    if (own === undefined) {
      return drawRow({ label: nameOf(item), facts: status, bars: [], verdict });
    }
    const { startMs, endMs } = own;
    const kind = status === "failed" ? "failed" : "run";
    const bars = [drawBar({ phase: status, startMs, endMs, details: [] }, at, kind)];
    const facts = `${status} · ${formatDuration(endMs - startMs)}`;
    return drawRow({ label: nameOf(item), facts, bars, verdict });
  });
  const more = run.items.length - shown.length;
  return drawTimeline(
    run,
    rows,
    more > 0 && html`<p class="legend">${more} more are not in this timeline</p>`,
  );
}

/**
 * Returns the items that have a row, in order; if there are too many, failed ones take precedence.
 */
function rowItems({ items }: RunSpan): readonly ItemSpan[] {
  const failed = items.filter(({ status }) => status === "failed");
  const others = items.filter(({ status }) => status !== "failed");
  const shown = new Set([...failed, ...others].slice(0, MAX_ITEMS));
  return items.filter((item) => shown.has(item));
}

/** Returns the position of a time in a run, from 0 to 1. */
function placeIn({ startMs, endMs }: RunSpan): (ms: number) => number {
  return (ms) => (ms - startMs) / Math.max(endMs - startMs, 1);
}

function drawTimeline(
  { startMs, endMs }: RunSpan,
  rows: readonly Html[],
  legend: Html | false | undefined,
): Html {
  const lengthMs = Math.max(endMs - startMs, 1);
  const ticks = tickTimes(lengthMs).map((ms) =>
    html`
      <span style="left:${percent(ms / lengthMs)}">${ms === 0 ? "0" : formatDuration(ms)}</span>
    `
  );
  return html`
    <div
      class="timeline"><div class="axis" aria-hidden="true">${ticks}</div><ol>${rows}</ol>${legend}</div>
  `;
}

interface TimelineRow {
  readonly label: string;
  readonly facts: string;
  readonly bars: readonly Html[];
  readonly verdict: Verdict;
}

function drawRow({ label, facts, bars, verdict }: TimelineRow): Html {
  return html`
    <li class="${new Html(verdict)}">
      <div class="label"><code>${printableLine(label, MAX_LABEL)}</code><span>${facts}</span></div>
      <div class="track">${bars}</div>
    </li>
  `;
}

/** A stage without phases is shown as running all the time. */
function barsOf({ phases, startMs, endMs }: StageSpan): readonly PhaseSpan[] {
  return phases.length > 0 ? phases : [{ phase: "running", startMs, endMs, details: [] }];
}

function drawBar(
  { phase, startMs, endMs, details }: PhaseSpan,
  at: (ms: number) => number,
  kind: PhaseKind | "failed" = phaseKind(phase),
): Html {
  const words = [`${phase}: ${formatDuration(endMs - startMs)}`, ...details].join("\n");
  const place = `left:${percent(at(startMs))};width:${percent(at(endMs) - at(startMs))}`;
  return html`<span class="bar ${new Html(kind)}" style="${place}" title="${words}"></span>`;
}

function drawLegend({ stages }: RunSpan): Html | undefined {
  const told = stages.flatMap((stage) => stage === undefined ? [] : barsOf(stage));
  const kinds = new Set(told.map(({ phase }) => phaseKind(phase)));
  const all = Object.keys(KIND_WORDS) as PhaseKind[];
  const items = all.filter((kind) => kinds.has(kind)).map((kind) =>
    html`<span><i class="bar ${new Html(kind)}"></i>${KIND_WORDS[kind]}</span>`
  );
  return items.length === 0 ? undefined : html`<p class="legend">${items}</p>`;
}

/**
 * Returns round times from 0, in steps of 1, 2 or 5 times a power of ten, at least a millisecond
 * apart.
 */
function tickTimes(lengthMs: number): number[] {
  const rough = Math.max(lengthMs / TICKS, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const count = Math.floor(lengthMs * MAX_TICK / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

function percent(part: number): string {
  return `${(100 * Math.min(Math.max(part, 0), 1)).toFixed(2)}%`;
}
