// Runs as one page of HTML that needs nothing beside itself. Pure.

import { CommandError, messageOf } from "../model/errors.ts";
import { VERSION } from "../self/version.ts";
import { Html, html } from "./html.ts";
import { chip } from "./report_chip.ts";
import { reportGraph } from "./report_graph.ts";
import { clamped, fact, reportFailure, reportStage } from "./report_stage.ts";
import { itemNames } from "./item_names.ts";
import { REPORT_STYLE } from "./report_style.ts";
import { itemTimeline, reportTimeline } from "./report_timeline.ts";
import { describeEnd, failedStage, titleOf, type Verdict, verdictOf } from "./run_words.ts";
import type { ItemSpan, RunSpan } from "./timeline.ts";
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
    drawEntries(entries, "run-")
  }</main>`;
}

/** One of many runs. */
interface Entry {
  readonly run: RunSpan;
  readonly title: string;
  readonly verdict: Verdict;
}

/** Each behind its title; the first of those that failed come unfolded. */
function drawEntries(entries: readonly Entry[], place: string): Html[] {
  const failed = entries.filter(({ verdict }) => verdict === "failed");
  const open = new Set(failed.slice(0, MAX_OPEN));
  return entries.map((entry, index) => {
    const { run, title, verdict } = entry;
    const own = `${place}${index}-`;
    const sign = chip(verdict, formatDuration(run.endMs - run.startMs));
    const isOpen = open.has(entry) && new Html(" open");
    return html`
      <details class="run"
        ${isOpen}><summary><code class="clamped">${title}</code> ${sign}</summary>${drawRun(
          run,
          "h2",
          own,
        )}</details>
    `;
  });
}

/** The items of a fan-out: how many of which, and all of those that ran. */
function drawItems(run: RunSpan, place: string): Html | undefined {
  const { items } = run;
  if (items.length === 0) return undefined;
  const counts = Map.groupBy(items, ({ status = "ended" }) => status);
  const facts = [...counts].map(([status, of]) => fact(status, String(of.length)));
  const shown = shownItems(run);
  const namesOf = itemNames(items.map(({ run: item }) => item && titleOf(item.outline)));
  const entries = shown.map(({ index, run: item, status, attempts }): Entry => {
    const again = attempts > 1 ? ` (attempt ${attempts})` : "";
    const title = `${index}: ${namesOf(titleOf(item!.outline))}${again}`;
    const verdict = status === "succeeded" ? "ok" : status === "failed" ? "failed" : "unknown";
    return { run: item!, title, verdict };
  });
  const more = items.filter(({ run }) => run !== undefined).length - shown.length;
  return html`<h3>Items</h3><dl class="facts items">${facts}</dl>${itemTimeline(run)}${
    drawEntries(entries, `${place}item-`)
  }${more > 0 && html`<p class="eyebrow">${more} more are not shown</p>`}`;
}

function drawRun(run: RunSpan, level: "h1" | "h2", place = ""): Html {
  const stages = run.stages.map((stage, index) => reportStage(run, stage, { index, place }));
  const heading = clamped(titleOf(run.outline));
  return html`${
    level === "h1"
      ? html`
        <p class="eyebrow">execvm report</p>
        <h1>${heading}</h1>
      `
      : ""
  }<p>${chip(verdictOf(run), "error" in run.end ? "failed" : describeEnd(run.end))}</p>${
    reportFailure(run, place) ?? itemFailure(run, place)
  }${
    "error" in run.end && !isOfStage(run) && html`<p class="error">${messageOf(run.end.error)}</p>`
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
${stages}${drawItems(run, place)}`;
}

/** Of the items that failed, the first one: what a run without a failed stage of its own failed of. */
function itemFailure(run: RunSpan, place: string): Html | undefined {
  if (failedStage(run) !== undefined) return undefined;
  const at = shownItems(run).findIndex(({ status }) => status === "failed");
  const item = shownItems(run)[at];
  if (item?.run === undefined) return undefined;
  return reportFailure(item.run, `${place}item-${at}-`, `Item ${item.index}: `);
}

/** The first items, and all that failed, of those that ran. */
function shownItems({ items }: RunSpan): readonly ItemSpan[] {
  return items.filter(({ status, run }, index) =>
    run !== undefined && (status === "failed" || index < MAX_ITEMS)
  );
}

/** Whether the error of a run is that of a stage, which is told of as such. */
function isOfStage({ end, stages }: RunSpan): boolean {
  if (!("error" in end)) return false;
  return end.error instanceof CommandError || stages.some((stage) => stage?.error === end.error);
}

function startedAt({ startMs }: RunSpan): Html {
  const iso = new Date(startMs).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}
