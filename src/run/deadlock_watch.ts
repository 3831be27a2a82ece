// Detects a deadlock of a fan-out: all items wait for resources that the commands downstream of
// them hold, as on a cluster with room for one job.

import { RunnerError } from "../model/errors.ts";
import { isPlannedCommand, type Plan } from "../model/plan.ts";
import type { RunEvent } from "../model/result.ts";
import { isRunner, type Runner, startTogetherOf } from "../runners/contract/runner.ts";
import type { Stop } from "../runners/contract/stop.ts";

/** Watches the events of a fan-out for a deadlock, until it is disposed. */
export class DeadlockWatch implements Disposable {
  readonly #holders: ReadonlyMap<number, Runner>;
  readonly #stop: Pick<Stop, "stop">;
  /** The running stages downstream of the items. */
  readonly #holding = new Set<number>();
  /** The queued stages of each item that has started. */
  readonly #queued = new Map<number, Set<number>>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param holders the runners that commands queue for, by index of the stage downstream of the
   * items
   */
  constructor(holders: ReadonlyMap<number, Runner>, stop: Pick<Stop, "stop">) {
    this.#holders = holders;
    this.#stop = stop;
  }

  /** Takes an event of the run. */
  event(event: RunEvent): void {
    if (event.type === "item") this.#item(event.index, event.event);
    else if (event.type === "end") this.#holding.delete(event.stage);
    else if (
      event.type === "phase" && event.phase === "running" && this.#holders.has(event.stage)
    ) {
      this.#holding.add(event.stage);
    }
    this.#look();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #item(index: number, event: { type: string; stage?: number | undefined; phase?: string }): void {
    if (event.type === "settled") this.#queued.delete(index);
    if (event.type === "begin") this.#queued.set(index, new Set());
    if (event.type !== "phase") return;
    const stages = this.#queued.get(index);
    if (event.phase === "queued") stages?.add(event.stage!);
    else stages?.delete(event.stage!);
  }

  #look(): void {
    const items = [...this.#queued.values()];
    const isDeadlocked = this.#holding.size > 0 && items.length > 0 &&
      items.every(({ size }) => size > 0);
    if (!isDeadlocked) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else this.#timer ??= this.#giveUpLater();
  }

  #giveUpLater(): ReturnType<typeof setTimeout> {
    const runners = [...this.#holding].map((stage) => this.#holders.get(stage)!);
    const limitMs = Math.min(...runners.map(({ waitMs }) => waitMs ?? Infinity));
    const { kind } = runners[0]!;
    const fact =
      `for ${limitMs} ms all items have waited for resources that the next command may hold`;
    const error = new RunnerError(
      `cannot run on ${kind}: ${fact}: run that command elsewhere, such as on local()`,
      { runner: kind, phase: "queue", argv: [], consoleTail: "" },
    );
    return setTimeout(() => this.#stop.stop(error), Math.min(limitMs, 2 ** 31 - 1));
  }
}

/** Returns a watch for a run whose items could wait for its stages; else `undefined`. */
export function watchDeadlock(plan: Plan, stop: Pick<Stop, "stop">): DeadlockWatch | undefined {
  if (plan.source.type !== "each") return undefined;
  const holders = new Map<number, Runner>();
  for (const [index, stage] of plan.stages.entries()) {
    if (!isPlannedCommand(stage)) continue;
    const { runner } = stage;
    if (isRunner(runner) && startTogetherOf(runner) !== undefined) holders.set(index, runner);
  }
  return holders.size === 0 ? undefined : new DeadlockWatch(holders, stop);
}
