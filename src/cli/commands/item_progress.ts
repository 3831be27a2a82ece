// How far a fan-out is: a line on the terminal that changes, once it takes longer than a second.

import type { Plan } from "../../model/plan.ts";
import type { RunEvent } from "../../model/result.ts";

/** When the line first shows, and how often it changes, in milliseconds. */
const DELAY_MS = 1000;
const EVERY_MS = 250;

/** Back to the start of the line, and clear it (ECMA-48 EL). */
const CLEAR = "\r\x1b[K";

/** Counts what becomes of items. */
export class ItemCount {
  #of = 0;
  #done = 0;
  #failed = 0;
  #running = 0;

  /** Takes note of an event. */
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

/** Shows how far the items of a plan are, if it has any; disposing clears the line. */
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

/** Where the outputs go to the terminal themselves, they are what shows. */
function isShown({ source, sink }: Plan): boolean {
  const isHidden = sink.type === "stdout" && Deno.stdout.isTerminal();
  return source.type === "each" && Deno.stderr.isTerminal() && !isHidden;
}

function write(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
