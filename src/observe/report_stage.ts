// Renders one stage of a report. Pure.

import { quoteArgv } from "../host/quote.ts";
import { messageOf, RunnerError } from "../model/errors.ts";
import { describeLink } from "../model/failed_link.ts";
import { type Html, html } from "./html.ts";
import { chip } from "./report_chip.ts";
import { stageId } from "./report_ids.ts";
import { describeStage, stageVerdict } from "./run_words.ts";
import type { RunSpan, StageSpan } from "./timeline.ts";
import { formatBytes, formatDuration } from "./units.ts";

/** Returns the card of a stage. @param place distinguishes the runs of a page */
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

/** The maximum length of a command that is shown whole: about three lines. */
const MAX_COMMAND = 240;

/** Returns a command; if it is long, its begin, with the rest folded. */
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
    tail !== "" && tailBlock("The end of its stderr", tail)
  }`;
}

function failure(error: unknown): Html {
  const { phase, argv, consoleTail } = error instanceof RunnerError
    ? error
    : { phase: "", argv: [], consoleTail: "" };
  return html`<p class="error">${messageOf(error)}${phase !== "" && ` (while: ${phase})`}</p>${
    consoleTail !== "" && tailBlock("Console", consoleTail)
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

/** A scrolled block that shows its end first. */
function tailBlock(name: string, text: string): Html {
  return html`
    <h5>${name}</h5>
    <pre class="tail" tabindex="0">${text}</pre>
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
