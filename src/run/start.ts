// Starts a pipeline and returns its handle at once.

import { isSignalName, type SignalName } from "../libc/signals.ts";
import { openSink } from "../io/open_sink.ts";
import { CommandError } from "../model/errors.ts";
import type { Description } from "../model/nodes.ts";
import type { Plan } from "../model/plan.ts";
import type { Result, RunEvent } from "../model/result.ts";
import type { SignalledRunOptions, StderrTaker } from "../model/run_options.ts";
import type {
  InputStream,
  LineIterator,
  OutputStream,
  RunningPipeline,
  StartOptions,
} from "../model/running_pipeline.ts";
import { SignalSource } from "../model/signal_source.ts";
import { isEnding } from "../runners/contract/stop.ts";
import { checkTimes, execute } from "./execute.ts";
import { openPipedInput, type PipedInput } from "./piped_input.ts";
import { PipedOutput, pipedSink } from "./piped_output.ts";
import { RunLines } from "./run_lines.ts";

/** Returns the plan of a description. */
type Planner = (description: Description, options: StartOptions) => Plan;

/**
 * Starts a pipeline.
 *
 * @throws {TypeError | RangeError | PlanError} if the description or an option is invalid.
 */
export function start(
  description: Description,
  options: StartOptions,
  planOf: Planner,
): RunningPipeline {
  checkStartOptions(options);
  const stdin = description.source === undefined ? openPipedInput() : undefined;
  const stdout = description.sink === undefined ? new PipedOutput() : undefined;
  const plan = planOf({
    ...description,
    ...(stdin && { source: { type: "stream", readable: stdin.readable } }),
    ...(stdout && { sink: { type: "stream", writable: new WritableStream() } }),
  }, options);
  return new Running(plan, options, { stdin, stdout });
}

/** Returns the lines of a pipeline, which starts when the first one is requested. */
export function iterate(description: Description, planOf: Planner): LineIterator {
  const { source = { type: "empty" }, ...rest } = description;
  return new RunLines(() => start({ source, ...rest }, {}, planOf));
}

function checkStartOptions(options: StartOptions): void {
  checkTimes(options as SignalledRunOptions);
  const { stderr } = options;
  if (stderr === undefined || ["forward", "inherit", "pipe"].includes(stderr)) return;
  throw new TypeError(
    `cannot start the pipeline with stderr ${JSON.stringify(stderr)}: ` +
      "it is one of forward, inherit, pipe",
  );
}

/** The ends of a pipeline that its user holds. */
interface Piped {
  readonly stdin: PipedInput | undefined;
  readonly stdout: PipedOutput | undefined;
}

/** An end, by its name in the handle. */
type End = "stdin" | "stdout" | "stderr";

class Running implements RunningPipeline {
  readonly #piped: Piped;
  readonly #stderr: PipedOutput | undefined;
  readonly #signals = new SignalSource();
  readonly #aborter = new AbortController();
  /** Resolves once a stage has started or everything has ended. */
  readonly #begun = Promise.withResolvers<void>();
  readonly #result: Promise<Result>;
  readonly #stages: number;
  /** The ends that the user has read from the handle, or that were given up. */
  readonly #used = new Map<End, "taken" | "unused">();
  #endedStages = 0;
  #hasEnded = false;

  constructor(plan: Plan, options: StartOptions, piped: Piped) {
    this.#piped = piped;
    this.#stages = plan.stages.length;
    if (options.stderr === "pipe") this.#stderr = new PipedOutput();
    if (plan.stages.length === 0 && plan.source.type !== "each") this.#begun.resolve();
    this.#result = this.#run(plan, options);
    this.#result.catch(() => {}); // it need not be awaited
  }

  get stdin(): InputStream | undefined {
    if (this.#piped.stdin !== undefined) this.#take("stdin");
    return this.#piped.stdin?.writable;
  }

  get stdout(): OutputStream | undefined {
    if (this.#piped.stdout !== undefined) this.#take("stdout");
    return this.#piped.stdout?.stream;
  }

  get stderr(): OutputStream | undefined {
    if (this.#stderr !== undefined) this.#take("stderr");
    return this.#stderr?.stream;
  }

  get result(): Promise<Result> {
    // Not at once: `const { result, stdout } = ..` reads both.
    queueMicrotask(() => this.#giveUpUnused("stdin", "stdout", "stderr"));
    return this.#result;
  }

  kill(signal: SignalName = "SIGTERM"): Promise<void> {
    if (typeof signal !== "string" || !isSignalName(signal)) {
      throw new TypeError(`cannot send ${JSON.stringify(signal)}: there is no such signal`);
    }
    return this.#send(signal);
  }

  [Symbol.asyncIterator](): LineIterator {
    if (this.stdout === undefined) {
      throw new TypeError("cannot read lines: the output goes to a sink");
    }
    queueMicrotask(() => this.#giveUpUnused("stdin", "stderr"));
    return new RunLines(() => this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const reason = this.#hasEnded ? undefined : this.#abort("its handle was disposed");
    try {
      await this.#result;
    } catch (error) {
      const { teardownErrors = [] } = Object(error) as { teardownErrors?: readonly unknown[] };
      if (reason !== undefined && error === reason && teardownErrors.length > 0) {
        throw teardownErrors[0];
      }
    }
  }

  async #run(plan: Plan, options: StartOptions): Promise<Result> {
    const { stdin: _stdin, stdout } = this.#piped;
    const { signal, stderr, onEvent, ...rest } = options;
    using _forwarding = forwardAbort(signal, this.#aborter);
    const run: SignalledRunOptions = {
      ...rest,
      signal: this.#aborter.signal,
      signals: this.#signals,
      ...(stderr !== undefined && stderr !== "pipe" && { stderr }),
      ...(this.#stderr !== undefined && { takeStderr: takeInto(this.#stderr) }),
      onEvent: (event) => {
        this.#onEvent(event);
        onEvent?.(event);
      },
    };
    try {
      const result = await execute(plan, run, stdout ? () => pipedSink(stdout) : openSink);
      this.#end();
      return result;
    } catch (error) {
      this.#end(error instanceof CommandError ? undefined : { error });
      throw error;
    }
  }

  async #send(signal: SignalName): Promise<void> {
    await this.#begun.promise;
    if (this.#hasEnded) return;
    const sent = this.#signals.send(signal);
    if (!isEnding(signal)) return await sent;
    this.#makeRoom();
    if (sent === undefined && (this.#stages === 0 || this.#endedStages < this.#stages)) {
      this.#abort(`it received ${signal} while no command ran`);
    }
    await sent;
  }

  #onEvent(event: RunEvent): void {
    const { type } = event.type === "item" ? event.event : event;
    if (type === "start") this.#begun.resolve();
    if (event.type === "end" && ++this.#endedStages === this.#stages) this.#makeRoom();
  }

  #take(name: End): void {
    if (this.#used.get(name) === "unused") {
      throw new TypeError(
        `cannot use ${name}: it was given up when the result or the lines of the handle were read: ` +
          `read \`${name}\` first`,
      );
    }
    this.#used.set(name, "taken");
  }

  #giveUpUnused(...names: readonly End[]): void {
    for (const name of names) {
      if (this.#used.has(name)) continue;
      this.#used.set(name, "unused");
      if (name === "stderr") this.#stderr?.discard();
      else if (name === "stdout") this.#piped.stdout?.discard();
      else this.#piped.stdin?.writable.close().catch(() => {});
    }
  }

  #makeRoom(): void {
    this.#piped.stdout?.makeRoom();
    this.#stderr?.makeRoom();
  }

  #abort(why: string): unknown {
    if (!this.#aborter.signal.aborted) {
      this.#aborter.abort(new DOMException(`cannot finish the pipeline: ${why}`, "AbortError"));
    }
    return this.#aborter.signal.reason;
  }

  #end(failure?: { readonly error: unknown }): void {
    this.#hasEnded = true;
    this.#begun.resolve();
    this.#piped.stdout?.end(failure);
    this.#stderr?.end(failure);
  }
}

function takeInto(output: PipedOutput): StderrTaker {
  return {
    forwards: false,
    open: () => ({
      async write(chunk) {
        await output.write(chunk);
      },
      end() {},
    }),
  };
}

/** Aborts `aborter` when `signal` is aborted, until it is disposed. */
function forwardAbort(signal: AbortSignal | undefined, aborter: AbortController): Disposable {
  const abort = () => aborter.abort(signal?.reason);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort);
  return { [Symbol.dispose]: () => signal?.removeEventListener("abort", abort) };
}
