// Runs a plan: opens its resources, starts all stages, tears down, and returns the result.

import type { OpenCopies } from "../copy/open_copies.ts";
import { machineryFailure } from "../fan_out/failure.ts";
import { abandon } from "../io/edges.ts";
import { openSink } from "../io/open_sink.ts";
import { openSource } from "../io/open_source.ts";
import type { OpenSink } from "../io/sink.ts";
import type { OpenSource } from "../io/source.ts";
import { reactorIdle } from "../libc/reactor.ts";
import {
  attachResult,
  attachTeardownError,
  CommandError,
  EndpointError,
  messageOf,
} from "../model/errors.ts";
import type { SinkNode } from "../model/nodes.ts";
import { type Outcome, toOutcome } from "../model/outcome.ts";
import type { Plan } from "../model/plan.ts";
import { KILL_AFTER_RANGE, requireCount, TIMER_RANGE } from "../model/require_count.ts";
import type { Result, RunEvent } from "../model/result.ts";
import { outlineOf, type RunWatch } from "../model/run_observer.ts";
import type { RunOptions, SignalledRunOptions } from "../model/run_options.ts";
import { Stop } from "../runners/contract/stop.ts";
import { CommandStage } from "./command_stage.ts";
import { Flow, type Opened } from "./flow.ts";
import { planGangs, type Starts } from "./start_together.ts";
import { watchDeadlock } from "./deadlock_watch.ts";

/** What is published when a run has succeeded, or discarded. */
type Unsettled = Pick<OpenSink, "commit" | "abort" | typeof Symbol.dispose>;

type SinkOpener = (node: SinkNode) => OpenSink | Promise<OpenSink>;

/**
 * Runs a plan to its end. All its processes and resources are gone when this settles.
 *
 * @param sinkOf opens the sink; called before anything starts
 * @throws {CommandError} if a stage failed and `check` is not `false`.
 * @throws {RunnerError} if a runner failed.
 * @throws {EndpointError} if the source or the sink failed.
 * @throws {unknown} the reason of `options.signal`, if that is aborted.
 */
export async function execute(
  plan: Plan,
  options: SignalledRunOptions,
  sinkOf: SinkOpener = openSink,
): Promise<Result> {
  checkOptions(options);
  return toResult(await runWatched(plan, options, sinkOf), options);
}

/** Called synchronously for each event of a run. */
type Listener = (event: RunEvent) => void;

/** Runs a plan and passes its events and its end to the observer, if there is one. */
async function runWatched(
  plan: Plan,
  options: SignalledRunOptions,
  sinkOf: SinkOpener,
): Promise<Outcome> {
  const { observer, onEvent } = options;
  const listeners: Listener[] = onEvent === undefined ? [] : [onEvent];
  if (observer === undefined) return await runAndTearDown(plan, { options, listeners, sinkOf });
  let flow: Flow | undefined;
  const watch = observer.begin(outlineOf(plan), () => flow?.bytes() ?? []);
  listeners.unshift((event) => watch.event(event));
  const onBegin = (begun: Flow) => void (flow = begun);
  return await endOf(runAndTearDown(plan, { options, listeners, sinkOf, onBegin }), watch);
}

async function endOf(run: Promise<Outcome>, watch: RunWatch): Promise<Outcome> {
  try {
    const outcome = await run;
    watch.end({ result: outcome.result });
    return outcome;
  } catch (error) {
    watch.end({ error });
    throw error;
  }
}

/**
 * Returns the result.
 *
 * @throws {CommandError | RunnerError | EndpointError} if it failed and `check` is not `false`.
 */
export function toResult(outcome: Outcome, { check }: RunOptions): Result {
  if (outcome.result.ok || check === false) return outcome.result;
  throw toError(outcome);
}

/** Returns the error of a failed run that reached its end. */
function toError({ result, deciding }: Outcome): unknown {
  return machineryFailure(result.items ?? []) ?? new CommandError(result, deciding);
}

/**
 * @throws {RangeError} if an option is out of range.
 * @throws {unknown} the reason of a signal that is already aborted.
 */
export function checkOptions(options: RunOptions): void {
  options.signal?.throwIfAborted();
  checkTimes(options);
}

/** @throws {RangeError} if an option is out of range. */
export function checkTimes({ timeoutMs, killAfterMs }: RunOptions): void {
  requireCount("run the pipeline", { timeoutMs }, TIMER_RANGE);
  requireCount("run the pipeline", { killAfterMs }, KILL_AFTER_RANGE);
}

/** The parameters of a run. */
interface Run {
  readonly options: SignalledRunOptions;
  /** In the order in which they are called for an event. */
  readonly listeners: readonly Listener[];
  readonly sinkOf: SinkOpener;
  /** Called with the flow before it runs. */
  readonly onBegin?: (flow: Flow) => void;
}

async function runAndTearDown(plan: Plan, run: Run): Promise<Outcome> {
  const { options, listeners, sinkOf } = run;
  using stop = new Stop(options);
  const sinks: Unsettled[] = [];
  const kept: AsyncDisposable[] = [];
  let outcome: Outcome | undefined;
  let failure: { readonly error: unknown } | undefined;
  try {
    const starts = await planGangs(plan, (gang) => kept.push(gang));
    using deadlock = watchDeadlock(plan, stop);
    const heard = withListeners(options, [
      ...deadlock === undefined ? [] : [(event: RunEvent) => deadlock.event(event)],
      ...listeners,
    ]);
    const opened = await open(plan, stop, sinkOf, { options: heard, sinks, starts });
    await using source = closeAfter(opened.source);
    const flow = new Flow(plan, heard, stop, (item) => kept.push(item));
    run.onBegin?.(flow);
    const results = await flow.run(opened);
    const items = await source.finish();
    stop.throwIfStopped();
    outcome = toOutcome(results, stop, items);
    if (outcome.result.ok) stop.throwIfCut();
  } catch (error) {
    failure = { error };
  }
  stop.finish();
  const succeeded = failure === undefined && outcome?.result.ok === true;
  for (const teardown of [() => settle(sinks, succeeded), () => disposeAll(kept), reactorIdle]) {
    try {
      await teardown();
    } catch (error) {
      // The first error is thrown, and the failure of commands precedes those of the teardown.
      if (!succeeded && options.check !== false) failure ??= { error: toError(outcome!) };
      if (failure === undefined) {
        failure = { error };
        attachResult(error, outcome!.result);
      } else attachTeardownError(failure.error, error);
    }
  }
  if (failure !== undefined) throw failure.error;
  return outcome!;
}

/**
 * Returns the options with one listener that calls all; with none if there are none, because events
 * cost time.
 */
function withListeners(
  { onEvent: _onEvent, ...options }: SignalledRunOptions,
  listeners: readonly Listener[],
): SignalledRunOptions {
  const [first, ...others] = listeners;
  if (first === undefined) return options;
  if (others.length === 0) return { ...options, onEvent: first };
  return { ...options, onEvent: (event) => listeners.forEach((listener) => listener(event)) };
}

/** Opens all resources that can fail, before anything has started. */
async function open(
  plan: Plan,
  stop: Stop,
  sinkOf: SinkOpener,
  { options, sinks, starts }: { options: SignalledRunOptions; sinks: Unsettled[]; starts: Starts },
): Promise<Opened> {
  const source = plan.source.type === "each"
    ? (await import("../fan_out/each_source.ts"))
      .openEach(plan, { ...options, stop, runPlan: execute })
    : await openSource(plan.source);
  try {
    const sink = await sinkOf(plan.sink);
    sinks.push(sink);
    const commands = plan.stages.map((stage) =>
      stage.runner === undefined ? undefined : new CommandStage(stage, stop, starts.get(stage))
    );
    const copied: OpenCopies[] = [];
    for (const command of commands) {
      await command?.check();
      const stderr = await command?.openStderrSink();
      if (stderr !== undefined) sinks.push(stderr);
      const copies = await command?.openCopies(copied);
      if (copies !== undefined) copied.push(copies);
    }
    sinks.push(...copied);
    return { source, sink, commands };
  } catch (error) {
    source[Symbol.dispose]();
    await abandon(source.end);
    throw error;
  }
}

/** Makes a resource of a source, which ends it and all that it has started. */
function closeAfter(source: OpenSource) {
  const finish = async () => await source.finish?.();
  return {
    finish,
    async [Symbol.asyncDispose]() {
      source[Symbol.dispose]();
      await finish();
    },
  };
}

/**
 * Commits all sinks, or aborts them so that the old contents stay. Once one cannot commit, the
 * following ones are aborted.
 *
 * @throws {EndpointError} if one of them fails, after all have been settled.
 */
async function settle(sinks: readonly Unsettled[], keep: boolean): Promise<void> {
  let failure: EndpointError | undefined;
  for (const sink of sinks) {
    using _sink = sink;
    try {
      await (keep && failure === undefined ? sink.commit() : sink.abort());
    } catch (error) {
      const endpointError = error instanceof EndpointError
        ? error
        : new EndpointError(messageOf(error), "sink", error);
      if (failure === undefined) failure = endpointError;
      else attachTeardownError(failure, endpointError);
    }
  }
  if (failure !== undefined) throw failure;
}

/** Disposes all resources in order. @throws {unknown} the first error, once all are disposed. */
async function disposeAll(resources: readonly AsyncDisposable[]): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  for (const resource of resources) {
    try {
      await resource[Symbol.asyncDispose]();
    } catch (error) {
      if (failure === undefined) failure = { error };
      else attachTeardownError(failure.error, error);
    }
  }
  if (failure !== undefined) throw failure.error;
}
