// Tracks the state of one stage for the live view.

import type { ItemEvent, RunEvent, StageBytes, StageResult } from "../model/result.ts";
import type { OutlinedStage } from "../model/run_observer.ts";
import { mostBytes, type StageState } from "./stage_line.ts";

/** The period over which a rate is measured, in milliseconds. */
const RATE_MS = 1000;

/** The state of a stage, collected from events. */
export class LiveStage {
  readonly #outline: OutlinedStage;
  #startMs: number | undefined;
  #endMs: number | undefined;
  #phase: string | undefined;
  #detail: string | undefined;
  #result: StageResult | undefined;
  /** Byte counts at points in time, oldest first; the last one older than the period is kept. */
  #samples: { readonly atMs: number; readonly bytes: number }[] = [];

  constructor(outline: OutlinedStage) {
    this.#outline = outline;
  }

  /** Records an event. */
  note(event: Exclude<RunEvent, ItemEvent>, atMs: number): void {
    this.#startMs ??= atMs;
    if (event.type === "phase") [this.#phase, this.#detail] = [event.phase, event.detail];
    this.#phase ??= "running";
    if (event.type === "end") [this.#endMs, this.#result] = [atMs, event.result];
  }

  /** Returns the state to show. @param bytes the byte counts so far */
  state(bytes: StageBytes, atMs: number): StageState {
    return {
      outline: this.#outline,
      phase: this.#phase,
      detail: this.#detail,
      result: this.#result,
      ageMs: this.#startMs === undefined ? 0 : (this.#endMs ?? atMs) - this.#startMs,
      bytes,
      rate: this.#result === undefined ? this.#rate(mostBytes(bytes), atMs) : undefined,
    };
  }

  #rate(bytes: number | undefined, atMs: number): number | undefined {
    if (bytes === undefined) return undefined;
    this.#samples.push({ atMs, bytes });
    while ((this.#samples[1]?.atMs ?? Infinity) <= atMs - RATE_MS) this.#samples.shift();
    const [oldest] = this.#samples;
    const tookMs = atMs - oldest!.atMs;
    return tookMs > 0 ? (bytes - oldest!.bytes) / tookMs * 1000 : undefined;
  }
}
