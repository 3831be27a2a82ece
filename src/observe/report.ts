// Renders runs as one self-contained page of HTML. Pure.

import { CommandError, messageOf } from "../model/errors.ts";
import { VERSION } from "../self/version.ts";
import { Html, html } from "./html.ts";
import { chip } from "./report_chip.ts";
import { reportGraph } from "./report_graph.ts";
import { reportFailure } from "./report_failure.ts";
import { itemId } from "./report_ids.ts";
import { clamped, fact, reportStage } from "./report_stage.ts";
import { nameItems } from "./item_names.ts";
import { REPORT_STYLE } from "./report_style.ts";
import { itemTimeline, reportTimeline } from "./report_timeline.ts";
import { describeEnd, failedStages, titleOf, type Verdict, verdictOf } from "./run_words.ts";
import type { ItemSpan, RunSpan } from "./timeline.ts";
import { formatDuration } from "./units.ts";

/** Allows nothing but inline styles, so that no script can run even if one got in. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** How many runs, or items of one, are shown unfolded. */
const MAX_OPEN = 3;

/** How many items are shown at most, not counting failed ones. */
const MAX_ITEMS = 200;

/** Returns the page. */
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
  const entries = runs.map((run, index) => ({
    id: `run-${index}-`,
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
  /** The id of the run, and the prefix of the ids in it. */
  readonly id: string;
  readonly run: RunSpan;
  readonly title: string;
  readonly verdict: Verdict;
}

/** Shows each run behind its title; the first failed ones are unfolded. */
function drawEntries(entries: readonly Entry[]): Html[] {
  const failed = entries.filter(({ verdict }) => verdict === "failed");
  const open = new Set(failed.slice(0, MAX_OPEN));
  return entries.map((entry) => {
    const { id, run, title, verdict } = entry;
    const sign = chip(verdict, formatDuration(run.endMs - run.startMs));
    const isOpen = open.has(entry) && new Html(" open");
    return html`
      <details class="run" id="${id}"
        ${isOpen}><summary><code class="clamped">${title}</code> ${sign}</summary>${drawRun(
          run,
          "h2",
          id,
        )}</details>
    `;
  });
}

/** Shows the items of a fan-out: the counts by status, and those that ran. */
function drawItems(run: RunSpan, place: string): Html | undefined {
  const { items } = run;
  if (items.length === 0) return undefined;
  const counts = Map.groupBy(items, ({ status = "ended" }) => status);
  const facts = [...counts].map(([status, of]) => fact(status, String(of.length)));
  const shown = shownItems(run);
  const nameOf = nameItems(run);
  const entries = shown.map((item): Entry => {
    const { run: own, status, attempts } = item;
    const again = attempts > 1 ? ` (attempt ${attempts})` : "";
    const verdict = status === "succeeded" ? "ok" : status === "failed" ? "failed" : "unknown";
    return { id: itemId(place, item), run: own!, title: `${nameOf(item)}${again}`, verdict };
  });
  const more = items.filter(({ run }) => run !== undefined).length - shown.length;
  return html`<h3>Items</h3><dl class="facts items">${facts}</dl>${itemTimeline(run)}${
    drawEntries(entries)
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
    reportFailure(run, place)
  }${
    "error" in run.end && isBesideStage(run) &&
    html`<p class="error">${messageOf(run.end.error)}</p>`
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

/** Returns all failed items and the first of the others, among those that ran. */
function shownItems({ items }: RunSpan): readonly ItemSpan[] {
  const ran = items.filter(({ run }) => run !== undefined);
  const [failed = [], others = []] = [true, false].map((wanted) =>
    ran.filter(({ status }) => (status === "failed") === wanted)
  );
  return [...failed, ...others.slice(0, MAX_ITEMS)];
}

/** Returns whether the error of a run differs from that of the stage that is shown as failed. */
function isBesideStage(run: RunSpan): boolean {
  const { end, stages } = run;
  if (!("error" in end) || failedStages(run).length === 0) return false;
  return !(end.error instanceof CommandError || stages.some((stage) => stage?.error === end.error));
}

function startedAt({ startMs }: RunSpan): Html {
  const iso = new Date(startMs).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}
