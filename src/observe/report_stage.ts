// One stage of a report: all that is known of it. Pure.

import { quoteArgv } from "../host/quote.ts";
import { messageOf, RunnerError } from "../model/errors.ts";
import { describeLink } from "../model/failed_link.ts";
import { type Html, html } from "./html.ts";
import { chip } from "./report_chip.ts";
import { describeStage, failedStage, lastLine, stageVerdict } from "./run_words.ts";
import type { RunSpan, StageSpan } from "./timeline.ts";
import { formatBytes, formatDuration } from "./units.ts";

/** What a link to the card of a stage leads to. @param place tells runs of one page apart */
export function stageId(place: string, index: number): string {
  return `${place}stage-${index + 1}`;
}

/** Which stage failed, how, and with which last words; a link to its card. @param lead stands before it */
export function reportFailure(run: RunSpan, place: string, lead = ""): Html | undefined {
  const index = failedStage(run);
  if (index === undefined) return undefined;
  const { argv } = run.outline.stages[index]!;
  const stage = run.stages[index]!;
  const { error, result } = stage;
  const words = error === undefined ? lastLine(result?.stderrTail ?? "") : messageOf(error);
  return html`
    <div class="failure">
      <p>${lead !== "" && html`<span>${lead}</span>&#32;`}<a href="#${stageId(
        place,
        index,
      )}">Stage ${index + 1}</a> failed: ${describeStage(
        stage,
      )}</p>
      <code class="clamped">${quoteArgv(argv)}</code>
      ${words !== undefined && html`<pre>${words}</pre>`}
    </div>
  `;
}

/** The card of a stage. @param place tells runs of one page apart */
export function reportStage(
  { outline }: RunSpan,
  stage: StageSpan | undefined,
  { index, place }: { readonly index: number; readonly place: string },
): Html {
  const { argv, runner, hostArgv } = outline.stages[index]!;
  return html`
    <article class="card"
      id="${stageId(place, index)}"><header><h4><span class="number">${index + 1}</span> ${clamped(
        quoteArgv(argv),
      )}</h4>${chip(stageVerdict(stage), describeStage(stage))}</header>
    <dl class="facts">${fact("Runner", runner)}${stage !== undefined && stageFacts(stage)}</dl>
    ${stage !== undefined && details(stage)}${hostArgv !== undefined &&
      fold("Command line on this machine", quoteArgv(hostArgv))}</article>
  `;
}

function stageFacts(
  { startMs, endMs, bytes: { bytesIn, bytesOut }, result }: StageSpan,
): Html {
  const failed = result?.failedLink;
  const known = (bytes: number | undefined) =>
    bytes === undefined ? "not known" : formatBytes(bytes);
  return html`${fact("Took", formatDuration(endMs - startMs))}${fact("Bytes in", known(bytesIn))}${
    fact("Bytes out", known(bytesOut))
  }${failed !== undefined && fact("Failed", describeLink(failed))}`;
}

/** How long a command is that is shown whole: some three lines. */
const MAX_COMMAND = 240;

/** A command, of which the begin is shown if it is long; the rest unfolds. */
export function clamped(command: string): Html {
  if (command.length <= MAX_COMMAND) return html`<code>${command}</code>`;
  return html`
    <details class="command">
      <summary><code class="clamped">${command}</code></summary>
      <code>${command}</code>
    </details>
  `;
}

/** A name and a value. */
export function fact(name: string, value: string | Html): Html {
  return html`
    <div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>
  `;
}

function details(stage: StageSpan): Html {
  const { error, result, phases } = stage;
  const tail = result?.stderrTail ?? "";
  return html`${error !== undefined && failure(error)}${phases.length > 0 && phaseTable(stage)}${
    tail !== "" && block("The end of its stderr", tail)
  }`;
}

function failure(error: unknown): Html {
  const { phase, argv, consoleTail } = error instanceof RunnerError
    ? error
    : { phase: "", argv: [], consoleTail: "" };
  return html`<p class="error">${messageOf(error)}${phase !== "" && ` (while: ${phase})`}</p>${
    consoleTail !== "" && block("Console", consoleTail)
  }${argv.length > 0 && fold("Command line to reproduce it", quoteArgv(argv))}`;
}

function phaseTable({ phases }: StageSpan): Html {
  const rows = phases.map(({ phase, startMs, endMs, details }) =>
    html`
      <tr>
        <th scope="row">${phase}</th>
        <td>${formatDuration(endMs - startMs)}</td>
        <td>${details.at(-1)}</td>
      </tr>
    `
  );
  return html`
    <table>
      <caption>Phases</caption>
      <tbody>${rows}</tbody>
    </table>
  `;
}

function block(name: string, text: string): Html {
  return html`
    <h5>${name}</h5>
    <pre tabindex="0">${text}</pre>
  `;
}

function fold(name: string, text: string): Html {
  return html`
    <details>
      <summary>${name}</summary>
      <pre tabindex="0">${text}</pre>
    </details>
  `;
}
