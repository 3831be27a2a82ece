// The timeline of a report: a bar a stage, with its phases. Pure.

import { quoteArgv } from "../host/quote.ts";
import { Html, html } from "./html.ts";
import { itemNames } from "./item_names.ts";
import { KIND_WORDS, type PhaseKind, phaseKind } from "./phase_kinds.ts";
import { titleOf } from "./run_words.ts";
import type { PhaseSpan, RunSpan, StageSpan } from "./timeline.ts";
import { formatDuration } from "./units.ts";

/** About how many marks the axis has. */
const TICKS = 4;

/** Items that have a bar of their own. */
const MAX_ITEMS = 50;

/** The timeline of a run: its stages. */
export function reportTimeline(run: RunSpan): Html {
  const at = placeIn(run);
  const rows = run.stages.map((stage, index) => {
    const { argv, runner } = run.outline.stages[index]!;
    const took = stage === undefined ? "not started" : formatDuration(stage.endMs - stage.startMs);
    const bars = stage === undefined ? [] : barsOf(stage).map((bar) => drawBar(bar, at));
    return drawRow(quoteArgv(argv), `${runner} · ${took}`, bars);
  });
  return drawTimeline(run, rows, drawLegend(run));
}

/** The timeline of the items of a fan-out, of the first ones. */
export function itemTimeline(run: RunSpan): Html {
  const at = placeIn(run);
  const nameOf = itemNames(run.items.map(({ run: item }) => item && titleOf(item.outline)));
  const rows = run.items.slice(0, MAX_ITEMS).map(({ index, status = "ended", run: item }) => {
    if (item === undefined) return drawRow(`${index}`, status, []);
    const { startMs, endMs } = item;
    const kind = status === "failed" ? "failed" : "run";
    const bar = drawBar({ phase: status, startMs, endMs, details: [] }, at, kind);
    const took = formatDuration(endMs - startMs);
    return drawRow(`${index}: ${nameOf(titleOf(item.outline))}`, `${status} · ${took}`, [bar]);
  });
  return drawTimeline(run, rows);
}

/** How far into a run a time is, from 0 to 1. */
function placeIn({ startMs, endMs }: RunSpan): (ms: number) => number {
  return (ms) => (ms - startMs) / Math.max(endMs - startMs, 1);
}

function drawTimeline({ startMs, endMs }: RunSpan, rows: readonly Html[], legend?: Html): Html {
  const lengthMs = Math.max(endMs - startMs, 1);
  const ticks = tickTimes(lengthMs).map((ms) =>
    html`<span style="left:${percent(ms / lengthMs)}">${ms === 0 ? "0" : formatDuration(ms)}</span>`
  );
  return html`
    <div
      class="timeline"><div class="axis" aria-hidden="true">${ticks}</div><ol>${rows}</ol>${legend}</div>
  `;
}

function drawRow(label: string, facts: string, bars: readonly Html[]): Html {
  return html`
    <li>
      <div class="label"><code>${label}</code><span>${facts}</span></div>
      <div class="track">${bars}</div>
    </li>
  `;
}

/** A runner that tells of no phases has its command run all the time. */
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

function drawLegend({ stages }: RunSpan): Html {
  const told = stages.flatMap((stage) => stage === undefined ? [] : barsOf(stage));
  const kinds = new Set(told.map(({ phase }) => phaseKind(phase)));
  const all = Object.keys(KIND_WORDS) as PhaseKind[];
  const items = all.filter((kind) => kinds.has(kind)).map((kind) =>
    html`<span><i class="bar ${new Html(kind)}"></i>${KIND_WORDS[kind]}</span>`
  );
  return html`<p class="legend">${items}</p>`;
}

/** Round times from 0 on, as 1, 2 or 5 times a power of ten. */
function tickTimes(lengthMs: number): number[] {
  const rough = lengthMs / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const count = Math.floor(lengthMs / step * 0.96); // the last one needs room for its words
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

function percent(part: number): string {
  return `${(100 * Math.min(Math.max(part, 0), 1)).toFixed(2)}%`;
}
