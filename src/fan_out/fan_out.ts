// Runs a fan-out: several items at once, started and delivered in order.

import type { EachNode } from "../model/nodes.ts";
import type { Plan } from "../model/plan.ts";
import type { ItemEvent, ItemResult } from "../model/result.ts";
import type { SignalledRunOptions, StderrTaker } from "../model/run_options.ts";
import { type SignalOrigin, SignalSource } from "../model/signal_source.ts";
import type { SignalName } from "../libc/signals.ts";
import { isEnding, type Stop } from "../runners/contract/stop.ts";
import { type ItemRun, runItem, type RunPlan } from "./run_item.ts";
import { Spool } from "./spool.ts";
import { SpoolFolder } from "./spool_file.ts";

/** How a fan-out runs. `stop` ends all running items. */
export type FanOutOptions =
  & Pick<SignalledRunOptions, "onEvent" | "stderr" | "takeStderr">
  & {
    readonly stop: Pick<Stop, "signal" | "guard" | "add" | "killAfterMs" | "isTimeOver">;
    readonly runPlan: RunPlan;
    /** Returns what takes the stderr of an item, in place of `takeStderr`. */
    readonly takeStderrOf?: (index: number) => StderrTaker;
  };

/** The turn of an item: its output can be read now. */
export interface Turn {
  /** The whole output; the caller must read it to its end. */
  readonly output: AsyncIterable<Uint8Array>;
  /** The result, once the item has ended. */
  readonly settled: Promise<ItemResult>;
}

/** The state of an item until its turn is over. */
interface Slot {
  readonly spool: Spool;
  readonly settled: PromiseWithResolvers<ItemResult>;
}

/** How many finished items may wait for the turn of an earlier one. */
const WAITING_ITEMS = 1000;

/** The abort reason of items that are ended; distinct from their own time limit. */
const ENOUGH = "no more items are needed";

/** One run of a fan-out. No item starts before the first turn is requested. */
export class FanOut {
  readonly #node: EachNode;
  readonly #plans: readonly Plan[];
  readonly #options: FanOutOptions;
  readonly #atOnce: number;
  readonly #ending = new AbortController();
  readonly #signals = new SignalSource();
  /** Whether an ending signal was sent, so that no further item starts. */
  #isClosed = false;
  readonly #folder = new SpoolFolder();
  readonly #slots = new Map<number, Slot>();
  readonly #results = new Map<number, ItemResult>();
  #begun = 0;
  #given = 0;
  /** Resolves when the turn of an item is over, or the fan-out is ended. */
  #moved = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  /** @param plan a plan whose source is a fan-out */
  constructor(plan: Plan, options: FanOutOptions) {
    this.#node = plan.source as EachNode;
    this.#plans = plan.items;
    this.#options = options;
    this.#atOnce = this.#node.concurrency ?? navigator.hardwareConcurrency;
  }

  /**
   * Yields the turns of the items, in order, each once the previous item has ended. Can be called
   * once.
   */
  async *turns(): AsyncGenerator<Turn> {
    this.#start();
    for (; this.#given < this.#plans.length; this.#given++) {
      const { spool, settled } = this.#slot(this.#given);
      yield { output: spool.read(), settled: settled.promise };
      await settled.promise;
      this.#slots.delete(this.#given);
      this.#moved.resolve();
      this.#moved = Promise.withResolvers();
    }
  }

  /** Ends running items and starts no more. */
  stop(): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort(ENOUGH);
    this.#moved.resolve();
    for (const { spool } of this.#slots.values()) spool.drop();
  }

  /**
   * Ends running items, waits for them, removes temporary files, and returns the results of all
   * items.
   */
  async finish(): Promise<readonly ItemResult[]> {
    await using _folder = this.#folder;
    this.stop();
    await this.#start();
    return this.#plans.map((_, index) => this.#results.get(index)!);
  }

  #start(): Promise<void> {
    if (this.#running !== undefined) return this.#running;
    const exited = this.#running = this.#run();
    this.#options.stop.add({ exited, kill: (signal, _to, origin) => this.#signal(signal, origin) });
    return exited;
  }

  /** Sends a signal to running items. After an ending signal no further item starts. */
  async #signal(signal: SignalName, origin: SignalOrigin): Promise<void> {
    const sent = this.#signals.send(signal, origin);
    if (!isEnding(signal)) return await sent;
    this.#isClosed = true;
    this.#moved.resolve();
    if (sent === undefined) this.stop(); // no item runs a command that could receive it
    await sent;
  }

  async #run(): Promise<void> {
    const { signal } = this.#options.stop;
    const stop = () => this.stop();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    const workers = Math.min(this.#atOnce, this.#plans.length);
    await Promise.all(Array.from({ length: workers }, () => this.#work()));
    signal.removeEventListener("abort", stop);
    const skipped = { status: "skipped", attempts: 0, durationMs: 0 } as const;
    for (const index of this.#plans.keys()) {
      if (!this.#results.has(index)) await this.#settle(index, skipped);
    }
  }

  async #work(): Promise<void> {
    while (this.#begun < this.#plans.length) {
      const index = this.#begun++;
      while (index - this.#given >= WAITING_ITEMS + this.#atOnce && !this.#isOver()) {
        await this.#moved.promise;
      }
      if (this.#isOver()) return;
      const ran = await runItem(this.#itemRun(index));
      // The time limit of the whole run sent it a signal, so its own status means nothing.
      const { attempts, durationMs } = ran;
      const ending = ran.status === "failed" && this.#isClosed && this.#options.stop.isTimeOver
        ? { status: "cancelled", attempts, durationMs } as const
        : ran;
      await this.#settle(index, ending);
      if (ending.status === "failed" && this.#node.failFast === true) this.stop();
    }
  }

  #isOver(): boolean {
    return this.#isClosed || this.#ending.signal.aborted;
  }

  #itemRun(index: number): ItemRun {
    const { stderr, takeStderrOf, runPlan, stop: { killAfterMs } } = this.#options;
    const hasSink = this.#node.items[index]!.pipeline.sink !== undefined;
    return {
      plan: this.#plans[index]!,
      spool: hasSink ? undefined : this.#slot(index).spool,
      settings: this.#node,
      options: {
        signal: this.#ending.signal,
        signals: this.#signals,
        ...(killAfterMs !== undefined && { killAfterMs }),
        ...(stderr !== undefined && { stderr }),
        takeStderr: takeStderrOf?.(index) ?? this.#options.takeStderr,
      },
      isOver: () => this.#isOver(),
      onPhase: (attempt, event) => this.#onPhase(index, attempt, event),
      runPlan,
    };
  }

  #slot(index: number): Slot {
    const known = this.#slots.get(index);
    if (known !== undefined) return known;
    const spool = new Spool(this.#folder, this.#node.retry !== undefined);
    const slot = { spool, settled: Promise.withResolvers<ItemResult>() };
    this.#slots.set(index, slot);
    return slot;
  }

  async #settle(index: number, ending: Omit<ItemResult, "index" | "item">): Promise<void> {
    const { item } = this.#node.items[index]!;
    const result = { index, ...(item !== undefined && { item }), ...ending };
    const { spool, settled } = this.#slot(index);
    this.#results.set(index, result);
    await spool.end();
    settled.resolve(result);
    this.#onPhase(index, ending.attempts, { type: "settled", status: ending.status });
  }

  #onPhase(index: number, attempt: number, event: ItemEvent["event"]): void {
    const { stop, onEvent } = this.#options;
    const of = this.#plans.length;
    stop.guard(() => onEvent?.({ type: "item", index, of, attempt, event }));
  }
}
