// Shows the progress of a fan-out on one line of the terminal, once it takes longer than a second.

import type { Plan } from "../../model/plan.ts";
import type { RunEvent } from "../../model/result.ts";

/** Milliseconds until the line is first shown, and between its updates. */
const DELAY_MS = 1000;
const EVERY_MS = 250;

/** Back to the start of the line, and clear it (ECMA-48 EL). */
const CLEAR = "\r\x1b[K";

/** Counts the items of a fan-out by state. */
export class ItemCount {
  #of = 0;
  #done = 0;
  #failed = 0;
  #running = 0;

  /** Updates the counts from an event of the run. */
  push(event: RunEvent): void {
    if (event.type !== "item") return;
    this.#of = event.of;
    if (event.event.type === "begin" && event.attempt === 1) this.#running++;
    if (event.event.type !== "settled") return;
    if (event.attempt > 0) this.#running--;
    this.#done++;
    if (event.event.status === "failed") this.#failed++;
  }

  toString(): string {
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : "";
    return `${this.#done} of ${this.#of} done${failed}, ${this.#running} running`;
  }
}

/**
 * Shows the progress of a plan's items, if it has any and stderr is a terminal; disposing clears
 * the line.
 *
 * @returns `onEvent` must be called with every event of the run
 */
export function showItems(plan: Plan): { onEvent(event: RunEvent): void } & Disposable {
  const count = new ItemCount();
  const onEvent = (event: RunEvent) => count.push(event);
  if (!isShown(plan)) return { onEvent, [Symbol.dispose]() {} };
  const started = performance.now();
  let shown = false;
  const timer = setInterval(() => {
    const ms = performance.now() - started;
    if (ms < DELAY_MS) return;
    shown = true;
    write(`${CLEAR}${count} (${Math.round(ms / 1000)} s)`);
  }, EVERY_MS);
  return {
    onEvent,
    [Symbol.dispose]() {
      clearInterval(timer);
      if (shown) write(CLEAR);
    },
  };
}

/** Not if the outputs go to the terminal: the line would be written between them. */
function isShown({ source, sink }: Plan): boolean {
  const isHidden = sink.type === "stdout" && Deno.stdout.isTerminal();
  return source.type === "each" && Deno.stderr.isTerminal() && !isHidden;
}

function write(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
