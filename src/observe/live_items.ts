// Tracks the items of a fan-out for the live view: how many are done, and what the running ones do.

import type { ItemEvent, RunEvent } from "../model/result.ts";
import type { RunOutline } from "../model/run_observer.ts";
import { LiveStage } from "./live_stage.ts";
import type { ScreenLine } from "./screen.ts";
import type { StageState } from "./stage_line.ts";

/** How many lines of running items are shown at most. */
const MOST_LINES = 10;

/** Counts the items of a fan-out by state. */
export class ItemCount {
  #of = 0;
  #done = 0;
  #failed = 0;
  #running = 0;

  /** @param of how many items there are, if that is known before the first event */
  constructor(of = 0) {
    this.#of = of;
  }

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

/** The items of a run. */
export class LiveItems {
  readonly #outlines: readonly RunOutline[];
  readonly #count: ItemCount;
  /** The stages of each running item, in the order in which they began. */
  readonly #running = new Map<number, readonly LiveStage[]>();
  #beganMs: number | undefined;

  constructor(outlines: readonly RunOutline[]) {
    this.#outlines = outlines;
    this.#count = new ItemCount(outlines.length);
  }

  /** Records an event. */
  note(item: ItemEvent, atMs: number): void {
    this.#beganMs ??= atMs;
    this.#count.push(item);
    const { index, event } = item;
    if (event.type === "settled") this.#running.delete(index);
    else if (event.type === "begin") {
      const stages = this.#outlines[index]?.stages ?? [];
      this.#running.set(index, stages.map((stage) => new LiveStage(stage)));
    } else if (event.type !== "item") this.#running.get(index)?.[event.stage]?.note(event, atMs);
  }

  /** Returns the line with the counts. */
  countLine(atMs: number): ScreenLine {
    const seconds = Math.round((atMs - (this.#beganMs ?? atMs)) / 1000);
    return { text: `${this.#count} (${seconds} s)` };
  }

  /** Returns the stages to show: those of running items that have not ended. */
  states(atMs: number): StageState[] {
    return [...this.#running].flatMap(([index, stages]) =>
      stages.map((stage) => ({ ...stage.state({}, atMs), label: `${index}` }))
        .filter(({ result }) => result === undefined)
    ).slice(0, MOST_LINES);
  }
}
