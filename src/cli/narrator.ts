// `-v`: what a run does, in plain lines on stderr, each with the seconds since it began.

import type { Plan } from "../plan.ts";
import { onProgramStart } from "../program_starts.ts";
import { quoteArgv } from "../quote.ts";
import type { RunEvent, StageResult } from "../result.ts";

/** Tells a run. Disposing it ends that. */
export class Narrator implements Disposable {
  readonly #startedMs = performance.now();
  readonly #listening = onProgramStart((runner, argv) => {
    this.say(`starts for ${runner}: ${quoteArgv(argv)}`);
  });

  /** Says where each stage is to run. */
  plan({ stages }: Plan): void {
    for (const [index, { runner, argv }] of stages.entries()) {
      const where = runner === undefined ? "in this process" : `on ${runner.kind}`;
      this.say(`stage ${index + 1} of ${stages.length} runs ${where}: ${quoteArgv(argv)}`);
    }
  }

  /** Says what happens. */
  event(event: RunEvent): void {
    const stage = `stage ${event.stage + 1}`;
    if (event.type === "end") this.say(`${stage} ${endOf(event.result)}`);
    else if (event.type === "phase") {
      const { phase, detail } = event;
      this.say(`${stage} is ${phase}${detail === undefined ? "" : `: ${detail}`}`);
    }
  }

  /** Says how all of it ended. @param code the exit code of execvm */
  end(code: number): void {
    this.say(`ends with ${code}`);
  }

  /** A line. */
  say(line: string): void {
    const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(3);
    Deno.stderr.writeSync(new TextEncoder().encode(`execvm: ${seconds} s: ${line}\n`));
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}

function endOf({ code, signal, durationMs, bytesIn, bytesOut }: StageResult): string {
  const how = signal === undefined ? `exited with ${code}` : `died of ${signal}`;
  const counts = [
    bytesIn === undefined ? "" : `, ${bytesIn} bytes in`,
    bytesOut === undefined ? "" : `, ${bytesOut} bytes out`,
  ].join("");
  return `${how} after ${(durationMs / 1000).toFixed(3)} s${counts}`;
}
