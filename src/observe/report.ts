// Runs as one page of HTML that needs nothing beside itself. Pure.

import { messageOf } from "../model/errors.ts";
import { VERSION } from "../self/version.ts";
import { Html, html } from "./html.ts";
import { chip } from "./report_chip.ts";
import { reportGraph } from "./report_graph.ts";
import { fact, reportStage } from "./report_stage.ts";
import { REPORT_STYLE } from "./report_style.ts";
import { itemTimeline, reportTimeline } from "./report_timeline.ts";
import { describeEnd, titleOf, type Verdict, verdictOf } from "./run_words.ts";
import type { RunSpan } from "./timeline.ts";
import { formatDuration } from "./units.ts";

/** Nothing but its own styles: even if something of it were a script, it would not run. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Runs, or items of one, that are shown unfolded. */
const MAX_OPEN = 3;

/** Items that are shown at all, beside those that failed. */
const MAX_ITEMS = 200;

/** The page. */
export function toReport(runs: readonly RunSpan[]): string {
  const [first] = runs;
  const title = first === undefined ? "nothing was run" : titleOf(first.outline);
  const head = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="${new Html(POLICY)}">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="execvm ${VERSION}">
        <title>${runs.length > 1 ? `${runs.length} runs` : title.slice(0, 200)} – execvm</title>
        <style>${new Html(REPORT_STYLE)}</style>
      </head>
  `;
  const body = runs.length === 1 ? html`<main>${drawRun(first!, "h1")}</main>` : drawRuns(runs);
  return `${head}\n<body>\n${body}\n</body>\n</html>\n`;
}

function drawRuns(runs: readonly RunSpan[]): Html {
  const failed = runs.filter((run) => verdictOf(run) === "failed");
  const words = failed.length === 0 ? "all succeeded" : `${failed.length} of ${runs.length} failed`;
  const entries = runs.map((run) => ({
    run,
    title: titleOf(run.outline),
    verdict: verdictOf(run),
  }));
  return html`<main><p class="eyebrow">execvm report</p><h1>${
    runs.length === 0 ? "Nothing was run" : `${runs.length} runs`
  }</h1>${runs.length > 0 && html`<p>${chip(failed.length === 0 ? "ok" : "failed", words)}</p>`}${
    drawEntries(entries)
  }</main>`;
}

/** One of many runs. */
interface Entry {
  readonly run: RunSpan;
  readonly title: string;
  readonly verdict: Verdict;
}

/** Each behind its title; the first of those that failed come unfolded. */
function drawEntries(entries: readonly Entry[]): Html[] {
  const failed = entries.filter(({ verdict }) => verdict === "failed");
  const open = new Set(failed.slice(0, MAX_OPEN));
  return entries.map((entry) => {
    const { run, title, verdict } = entry;
    const sign = chip(verdict, formatDuration(run.endMs - run.startMs));
    const isOpen = open.has(entry) && new Html(" open");
    return html`
      <details class="run"
        ${isOpen}><summary><code>${title}</code> ${sign}</summary>${drawRun(run, "h2")}</details>
    `;
  });
}

/** The items of a fan-out: how many of which, and all of those that ran. */
function drawItems(run: RunSpan): Html | undefined {
  const { items } = run;
  if (items.length === 0) return undefined;
  const counts = Map.groupBy(items, ({ status = "ended" }) => status);
  const facts = [...counts].map(([status, of]) => fact(status, String(of.length)));
  const shown = items.filter(({ status }, index) => status === "failed" || index < MAX_ITEMS);
  const entries = shown.flatMap(({ index, run: item, status, attempts }): Entry[] => {
    if (item === undefined) return [];
    const again = attempts > 1 ? ` (attempt ${attempts})` : "";
    const title = `${index}: ${titleOf(item.outline)}${again}`;
    const verdict = status === "succeeded" ? "ok" : status === "failed" ? "failed" : "unknown";
    return [{ run: item, title, verdict }];
  });
  const more = items.length - shown.length;
  return html`<h3>Items</h3><dl class="facts items">${facts}</dl>${itemTimeline(run)}${
    drawEntries(entries)
  }${more > 0 && html`<p class="eyebrow">${more} more are not shown</p>`}`;
}

function drawRun(run: RunSpan, level: "h1" | "h2"): Html {
  const stages = run.stages.map((stage, index) => reportStage(run, stage, index));
  const heading = html`<code>${titleOf(run.outline)}</code>`;
  return html`${
    level === "h1"
      ? html`
        <p class="eyebrow">execvm report</p>
        <h1>${heading}</h1>
      `
      : ""
  }<p>${chip(verdictOf(run), "error" in run.end ? "failed" : describeEnd(run.end))}</p>${
    "error" in run.end && html`<p class="error">${messageOf(run.end.error)}</p>`
  }
<dl class="facts">${fact("Began", startedAt(run))}${
    fact("Took", formatDuration(run.endMs - run.startMs))
  }${"result" in run.end && fact("Exit code", String(run.end.result.code))}${
    fact("Stages", String(run.stages.length))
  }</dl>
<h3>Pipeline</h3>
${reportGraph(run)}
${stages.length > 0 && html`<h3>Timeline</h3>${reportTimeline(run)}`}
${stages.length > 0 && html`<h3>Stages</h3>`}
${stages}${drawItems(run)}`;
}

function startedAt({ startMs }: RunSpan): Html {
  const iso = new Date(startMs).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}
