// Logs a run for `-v`: plain lines on stderr, each with the seconds since the start.

import { onProgramStart } from "../../host/program_starts.ts";
import { quoteArgv } from "../../host/quote.ts";
import { describeLink } from "../../model/failed_link.ts";
import type { Plan } from "../../model/plan.ts";
import type { ItemEvent, RunEvent, StageResult } from "../../model/result.ts";

/** Logs a run on stderr. While it is not disposed, it also logs each program that execvm starts. */
export class Narrator implements Disposable {
  readonly #startedMs = performance.now();
  readonly #listening = onProgramStart((runner, argv) => {
    this.say(`starts for ${runner}: ${quoteArgv(argv)}`);
  });

  /** Logs where each stage will run. */
  plan({ stages }: Plan): void {
    for (const [index, { runner, argv }] of stages.entries()) {
      const where = runner === undefined ? "in this process" : `on ${runner.kind}`;
      this.say(`stage ${index + 1} of ${stages.length} runs ${where}: ${quoteArgv(argv)}`);
    }
  }

  /** Logs an event of the run. */
  event(event: RunEvent): void {
    for (const line of linesOf(event)) this.say(line);
  }

  /** Logs the end of the run. @param code the exit code of execvm */
  end(code: number): void {
    this.say(`ends with ${code}`);
  }

  /** Logs a line. */
  say(line: string): void {
    const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(3);
    Deno.stderr.writeSync(new TextEncoder().encode(`execvm: ${seconds} s: ${line}\n`));
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}

/** The lines for an event; none for the start of a stage, which is logged with its command line. */
function linesOf(event: RunEvent): string[] {
  if (event.type === "item") return itemLines(event);
  const stage = `stage ${event.stage + 1}`;
  if (event.type === "end") {
    return [`${stage} ${event.error === undefined ? endOf(event.result) : "could not be run"}`];
  }
  if (event.type !== "phase") return [];
  const { phase, detail } = event;
  return [`${stage} is ${phase}${detail === undefined ? "" : `: ${detail}`}`];
}

function itemLines({ index, attempt, event }: ItemEvent): string[] {
  const item = `item ${index}`;
  if (event.type === "begin") return [`${item} begins${attempt > 1 ? `, attempt ${attempt}` : ""}`];
  if (event.type === "settled") return [`${item} ${event.status}`];
  return linesOf(event).map((line) => `${item}: ${line}`);
}

function endOf(
  { code, signal, failedLink, durationMs, bytesIn, bytesOut }: StageResult,
): string {
  const what = failedLink === undefined ? "" : `(${describeLink(failedLink)}) `;
  const how = what + (signal === undefined ? `exited with ${code}` : `died of ${signal}`);
  const counts = [
    bytesIn === undefined ? "" : `, ${bytesIn} bytes in`,
    bytesOut === undefined ? "" : `, ${bytesOut} bytes out`,
  ].join("");
  return `${how} after ${(durationMs / 1000).toFixed(3)} s${counts}`;
}
