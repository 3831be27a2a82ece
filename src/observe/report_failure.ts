// The first thing that a report of a failure says: what failed, with which last words, and where to read on. Pure.

import { quoteArgv } from "../host/quote.ts";
import { CommandError, EndpointError, messageOf } from "../model/errors.ts";
import { describeLink } from "../model/failed_link.ts";
import { Html, html } from "./html.ts";
import { itemId, stageId } from "./report_ids.ts";
import { describeStage, failedStages, lastLine, wasStopped } from "./run_words.ts";
import type { ItemSpan, RunSpan, StageSpan } from "./timeline.ts";

/** The longest last words that are shown whole: of longer ones the middle is left out. */
const MAX_WORDS = 400;

/** Other stages that failed, that are named. */
const MAX_OTHERS = 5;

/**
 * What failed of a run, with a link to it: a stage, the source, the sink or an item; `undefined` if nothing did.
 *
 * @param place tells runs of one page apart
 */
export function reportFailure(run: RunSpan, place: string): Html | undefined {
  return ownFailure(run, place) ?? itemFailure(run, place);
}

/** @param lead stands before it */
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

/** Such as `failed in command 2 of 3, sh: exit code 2`. */
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

/** Of the items that failed, the first one: what a run without a failure of its own failed of. */
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

/** The begin and the end: tools say what is wrong in either. */
function shortened(words: string): string {
  if (words.length <= MAX_WORDS) return words;
  return `${words.slice(0, MAX_WORDS / 2)} … ${words.slice(-MAX_WORDS / 2)}`;
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
