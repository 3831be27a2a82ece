// The top of a report of a failure: what failed, its last words, and a link to the details. Pure.

import { quoteArgv } from "../host/quote.ts";
import { CommandError, EndpointError, messageOf } from "../model/errors.ts";
import { describeLink } from "../model/failed_link.ts";
import { Html, html } from "./html.ts";
import { itemId, stageId } from "./report_ids.ts";
import { describeStage, failedStages, lastLine, wasStopped } from "./run_words.ts";
import type { ItemSpan, RunSpan, StageSpan } from "./timeline.ts";

/** The maximum length of an error text; longer ones lose their middle. */
const MAX_WORDS = 400;

/** How many other failed stages are named. */
const MAX_OTHERS = 5;

/**
 * Returns what failed in a run, with a link: a stage, the source, the sink or an item; `undefined`
 * if nothing did.
 *
 * @param place distinguishes the runs of a page
 */
export function reportFailure(run: RunSpan, place: string): Html | undefined {
  return ownFailure(run, place) ?? itemFailure(run, place);
}

/** @param lead precedes the text */
function ownFailure(run: RunSpan, place: string, lead?: Html): Html | undefined {
  const [first, ...others] = failedStages(run);
  if (first !== undefined) return stageFailure(run, place, { first, others, lead });
  if (!("error" in run.end)) return undefined;
  const { error } = run.end;
  if (error instanceof CommandError) return undefined;
  const what = error instanceof EndpointError ? `the ${error.end} failed` : "the run failed";
  return box(lead ? html`${lead}: ${what}` : capitalized(what), undefined, messageOf(error));
}

function stageFailure(
  run: RunSpan,
  place: string,
  { first, others, lead }: {
    readonly first: number;
    readonly others: readonly number[];
    readonly lead: Html | undefined;
  },
): Html {
  const stage = run.stages[first]!;
  const { error, result } = stage;
  const words = error === undefined ? lastLine(result?.stderrTail ?? "") : messageOf(error);
  const link = html`<a href="#${stageId(place, first)}">${lead ? "stage" : "Stage"} ${
    first + 1
  }</a>`;
  const heading = html`${
    lead && html`
      ${lead}:
    `
  }${link} ${howFailed(run, stage)}`;
  return box(heading, quoteArgv(stage.outline.argv), words, otherStages(run, place, others));
}

/** Returns text such as `failed in command 2 of 3, sh: exit code 2`. */
function howFailed(run: RunSpan, stage: StageSpan): string {
  const how = describeStage(stage);
  if (wasStopped(run, stage)) return `was stopped: ${how}`;
  const link = stage.result?.failedLink;
  return `failed${link === undefined ? "" : ` in ${describeLink(link)}`}: ${how}`;
}

function otherStages(run: RunSpan, place: string, others: readonly number[]): Html | undefined {
  if (others.length === 0) return undefined;
  const links = others.slice(0, MAX_OTHERS).map((index, at) => {
    const words = describeStage(run.stages[index]);
    return html`${at > 0 && new Html(", ")}<a href="#${stageId(place, index)}">stage ${
      index + 1
    }</a> (${words})`;
  });
  const more = others.length - links.length;
  return html`<p class="others">Also: ${links}${
    more > 0 && html`
      and ${more} more
    `
  }</p>`;
}

/** Returns the first failed item, for a run in which nothing else failed. */
function itemFailure(run: RunSpan, place: string): Html | undefined {
  const failed = run.items.filter(({ status }) => status === "failed");
  const [first] = failed;
  if (first?.run === undefined) return undefined;
  const lead = itemLead(first, place, failed.length);
  return ownFailure(first.run, itemId(place, first), lead) ??
    box(html`${lead} failed`, undefined, undefined);
}

function itemLead(item: ItemSpan, place: string, count: number): Html {
  const link = html`<a href="#${itemId(place, item)}">Item ${item.index}</a>`;
  return count > 1 ? html`${link} (the first of ${count} that failed)` : link;
}

function box(
  heading: Html | string,
  command: string | undefined,
  words: string | undefined,
  more?: Html,
): Html {
  return html`<div class="failure"><p>${heading}</p>${
    command !== undefined && html`<code class="clamped">${command}</code>`
  }${words !== undefined && html`<pre>${shortened(words)}</pre>`}${more}</div>`;
}

/** Keeps the begin and the end, because tools report the reason in either. */
function shortened(words: string): string {
  if (words.length <= MAX_WORDS) return words;
  return `${words.slice(0, MAX_WORDS / 2)} … ${words.slice(-MAX_WORDS / 2)}`;
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
