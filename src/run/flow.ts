// Connects the blocks of a pipeline from left to right and starts every stage.

import type { StderrTail } from "../host/stderr_tail.ts";
import { feedFrom, openEdge, toReadable } from "../io/edges.ts";
import type { InputEnd, OutputEnd } from "../io/ends.ts";
import type { OpenSink } from "../io/sink.ts";
import type { OpenSource } from "../io/source.ts";
import { type Counter, tap, UpstreamFailed } from "../io/tap.ts";
import { EndpointError, messageOf } from "../model/errors.ts";
import { toFailedLink } from "../model/failed_link.ts";
import { exitCode } from "../model/outcome.ts";
import type { Plan, PlannedTransform } from "../model/plan.ts";
import type { RunEvent, StageBytes, StageResult } from "../model/result.ts";
import type { SignalledRunOptions } from "../model/run_options.ts";
import type { CommandEnd, OnPhase } from "../runners/contract/runner.ts";
import type { Stop } from "../runners/contract/stop.ts";
import type { CommandStage } from "./command_stage.ts";
import { startTransform } from "./transform_stage.ts";

/** The open resources of a run. */
export interface Opened {
  readonly source: OpenSource;
  readonly sink: OpenSink;
  /** One for each stage; `undefined` for transforms. */
  readonly commands: readonly (CommandStage | undefined)[];
}

/**
 * The reason of an abort; a string, because the default is an error, whose unused stack trace costs
 * time.
 */
const OVER = "all stages have ended";

/** One run of a plan. */
export class Flow {
  readonly #plan: Plan;
  readonly #options: SignalledRunOptions;
  readonly #stop: Stop;
  readonly #keep: (resource: AsyncDisposable) => void;
  /** Called for each event; `undefined` if there is no listener. */
  readonly #listener: ((event: RunEvent) => void) | undefined;
  /** The bytes that passed each edge, where JS sees them. */
  readonly #counters: readonly Counter[];
  /** Aborted once all stages have ended, to end the copying into them. */
  readonly #over = new AbortController();
  /** All copying between streams and file descriptors. */
  readonly #copies: Promise<void>[] = [];
  readonly #ended: Promise<StageResult>[] = [];
  #ends: Pick<Opened, "source" | "sink"> | undefined;

  /** @param keep takes resources to dispose when the whole run has ended */
  constructor(
    plan: Plan,
    options: SignalledRunOptions,
    stop: Stop,
    keep: (resource: AsyncDisposable) => void,
  ) {
    this.#plan = plan;
    this.#options = options;
    this.#stop = stop;
    this.#keep = keep;
    this.#listener = options.onEvent;
    this.#counters = plan.edges.map(() => ({}));
  }

  /**
   * Runs to the end. If a runner, the source or the sink fails, its error is the reason of `stop`
   * then.
   */
  async run(opened: Opened): Promise<readonly StageResult[]> {
    this.#ends = opened;
    try {
      return await this.#run(opened);
    } finally {
      this.#ends = undefined; // they are closed now
    }
  }

  async #run({ source, sink, commands }: Opened): Promise<readonly StageResult[]> {
    let feed: InputEnd | undefined = this.#tapSource(source.end);
    for (const [index, stage] of this.#plan.stages.entries()) {
      feed = stage.runner === undefined
        ? await this.#transform(stage, index, feed!)
        : this.#command(commands[index]!, index, feed!, sink);
    }
    if (feed !== undefined) this.#copies.push(this.#consume(feed, sink));
    const results = await Promise.all(this.#ended);
    this.#over.abort(OVER);
    await Promise.race([Promise.all(this.#copies), this.#stop.stopped]);
    const bytes = this.bytes();
    return results.map((result, index) => ({ ...result, ...bytes[index] }));
  }

  /** Returns the byte counts of each stage so far. */
  bytes(): StageBytes[] {
    const { source, sink } = this.#ends ?? {};
    const last = this.#plan.stages.length - 1;
    return this.#plan.stages.map((_, index) => {
      const bytesIn = this.#counters[index]?.bytes ?? (index === 0 ? source?.bytes() : undefined);
      const bytesOut = this.#counters[index + 1]?.bytes ??
        (index === last ? sink?.bytes?.() : undefined);
      return {
        ...(bytesIn !== undefined && { bytesIn }),
        ...(bytesOut !== undefined && { bytesOut }),
      };
    });
  }

  #tapSource(end: InputEnd): InputEnd {
    if (!(end instanceof ReadableStream)) return end;
    return tap(end, this.#counters[0]!, {
      onFailure: (error) => this.#stop.stop(new EndpointError(messageOf(error), "source", error)),
    });
  }

  async #transform(stage: PlannedTransform, index: number, feed: InputEnd): Promise<InputEnd> {
    const counter = this.#counters[index + 1]!;
    const input = this.#counted(feed, index);
    const { node } = stage;
    const startedMs = performance.now();
    const { output, exited, tail } = await startTransform(node, input, counter, this.#stop.stopped);
    this.#emitStart(index);
    this.#ended.push(this.#record(index, tail, { startedMs, exited }));
    return output;
  }

  /**
   * Starts a command. Returns the end that the next block reads from, unless the command writes
   * into the sink.
   */
  #command(
    command: CommandStage,
    index: number,
    feed: InputEnd,
    sink: OpenSink,
  ): InputEnd | undefined {
    const last = index === this.#plan.stages.length - 1;
    const end: OutputEnd | undefined = last ? sink.takeEnd?.() : undefined;
    const edge = end === undefined ? openEdge() : undefined;
    const io = {
      stdin: this.#feed(feed),
      stdout: end ?? edge!.write,
      stderr: this.#options,
    };
    const onPhase: OnPhase = (phase, detail) =>
      this.#emit({ type: "phase", stage: index, phase, ...(detail !== undefined && { detail }) });
    const startedMs = performance.now();
    const heard = this.#listener === undefined ? undefined : onPhase;
    const exited = command.run(io, this.#keep, () => this.#emitStart(index), heard);
    this.#ended.push(this.#record(index, command.tail, { startedMs, exited }));
    return edge?.read;
  }

  #feed(feed: InputEnd): InputEnd {
    if (!(feed instanceof ReadableStream)) return feed;
    const { end, copied } = feedFrom(feed, this.#over.signal);
    // A failed stream has already been reported by its tap.
    this.#copies.push(copied.catch(() => {}));
    return end;
  }

  /** Returns the stream of an edge, counted; the output of sources and transforms already is. */
  #counted(feed: InputEnd, edge: number): ReadableStream<Uint8Array> {
    const counter = this.#counters[edge]!;
    return counter.bytes === undefined ? tap(toReadable(feed), counter) : toReadable(feed);
  }

  async #consume(feed: InputEnd, sink: OpenSink): Promise<void> {
    try {
      const readable = this.#counted(feed, this.#counters.length - 1);
      await sink.consume(readable, this.#stop.signal);
    } catch (error) {
      if (error instanceof UpstreamFailed) return;
      this.#stop.stop(new EndpointError(messageOf(error), "sink", error));
    }
  }

  async #record(
    index: number,
    tail: StderrTail,
    { startedMs, exited }: { readonly startedMs: number; readonly exited: Promise<CommandEnd> },
  ): Promise<StageResult> {
    const { argv, runner, node } = this.#plan.stages[index]!;
    let failure: { readonly error?: unknown } = {};
    const { link, ...status } = await exited.catch((error): CommandEnd => {
      failure = { error };
      this.#stop.stop(error);
      return { signal: "SIGKILL" };
    });
    const durationMs = performance.now() - startedMs;
    const kind = runner?.kind ?? "js";
    const hasFailed = failure.error === undefined && exitCode(status) !== 0;
    const failed = hasFailed ? toFailedLink(node, link) : undefined;
    const result = {
      ...{ argv, runner: kind, ...status, ...(failed && { failedLink: failed }) },
      ...{ durationMs, stderrTail: tail.toString() },
    };
    this.#emit({ type: "end", stage: index, result, ...failure });
    return result;
  }

  #emitStart(stage: number): void {
    this.#emit({ type: "start", stage, argv: this.#plan.stages[stage]!.argv });
  }

  #emit(event: RunEvent): void {
    this.#stop.guard(() => this.#listener?.(event));
  }
}
