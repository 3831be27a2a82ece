// The timeline of a report: a bar a stage, with its phases. Pure.

import { quoteArgv } from "../quote.ts";
import { Html, html } from "./html.ts";
import { KIND_WORDS, type PhaseKind, phaseKind } from "./phase_kinds.ts";
import type { PhaseSpan, RunSpan, StageSpan } from "./timeline.ts";
import { formatDuration } from "./units.ts";

/** About how many marks the axis has. */
const TICKS = 4;

/** The timeline of a run. */
export function reportTimeline(run: RunSpan): Html {
  const lengthMs = Math.max(run.endMs - run.startMs, 1);
  const at = (ms: number) => (ms - run.startMs) / lengthMs;
  const ticks = tickTimes(lengthMs).map((ms) =>
    html`<span style="left:${percent(ms / lengthMs)}">${ms === 0 ? "0" : formatDuration(ms)}</span>`
  );
  const rows = run.stages.map((stage, index) => drawRow(run, stage, index, at));
  return html`
    <div
      class="timeline"><div class="axis" aria-hidden="true">${ticks}</div><ol>${rows}</ol>${drawLegend(
        run,
      )}</div>
  `;
}

function drawRow(
  { outline }: RunSpan,
  stage: StageSpan | undefined,
  index: number,
  at: (ms: number) => number,
): Html {
  const { argv, runner } = outline.stages[index]!;
  const took = stage === undefined ? "not started" : formatDuration(stage.endMs - stage.startMs);
  const bars = stage === undefined ? [] : barsOf(stage).map((bar) => drawBar(bar, at));
  return html`
    <li>
      <div class="label"><code>${quoteArgv(argv)}</code><span>${runner} · ${took}</span></div>
      <div class="track">${bars}</div>
    </li>
  `;
}

/** A runner that tells of no phases has its command run all the time. */
function barsOf({ phases, startMs, endMs }: StageSpan): readonly PhaseSpan[] {
  return phases.length > 0 ? phases : [{ phase: "running", startMs, endMs, details: [] }];
}

function drawBar({ phase, startMs, endMs, details }: PhaseSpan, at: (ms: number) => number): Html {
  const words = [`${phase}: ${formatDuration(endMs - startMs)}`, ...details].join("\n");
  const place = `left:${percent(at(startMs))};width:${percent(at(endMs) - at(startMs))}`;
  return html`<span class="bar ${new Html(
    phaseKind(phase),
  )}" style="${place}" title="${words}"></span>`;
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
