// Runs one command or code of a pipeline and forwards its stderr.

import { StderrTail, writeStderr } from "../host/stderr_tail.ts";
import { openEdge, readUntil, toReadable } from "../io/edges.ts";
import type { InputEnd, OutputEnd, Stdio } from "../io/ends.ts";
import { openSink } from "../io/open_sink.ts";
import type { OpenSink } from "../io/sink.ts";
import { Fd } from "../libc/fd.ts";
import { findLibc } from "../libc/libc.ts";
import { EndpointError, messageOf, PlanError } from "../model/errors.ts";
import type { CodeRunnerRef } from "../model/nodes.ts";
import { isPlannedCommand, type PlannedCode, type PlannedCommand } from "../model/plan.ts";
import type { SignalledRunOptions, StderrTaker } from "../model/run_options.ts";
import type { OpenCopies } from "../copy/open_copies.ts";
import { type CodeRunner, isCodeRunner } from "../runners/contract/code_runner.ts";
import {
  type CommandEnd,
  isRunner,
  type OnPhase,
  type Runner,
  type Running,
} from "../runners/contract/runner.ts";
import type { Stop } from "../runners/contract/stop.ts";

/** The stderr of a command: the end that the command writes to, and the reading of it. */
interface Stderr {
  readonly end: OutputEnd;
  /** Resolves when all of it has been read. */
  readonly taken: Promise<void>;
}

/** The options of a run on stderr. */
type StderrOptions = Pick<SignalledRunOptions, "stderr" | "takeStderr">;

/** A command of a pipeline, or code, that is about to run. */
export class CommandStage {
  readonly tail = new StderrTail();
  readonly #planned: PlannedCommand | PlannedCode;
  readonly #stop: Stop;
  readonly #start: Runner["start"] | undefined;
  #sink: OpenSink | undefined;
  #copies: OpenCopies | undefined;

  /** @param start starts the command in place of `runner.start`, such as a gang */
  constructor(planned: PlannedCommand | PlannedCode, stop: Stop, start?: Runner["start"]) {
    this.#planned = planned;
    this.#stop = stop;
    this.#start = start;
  }

  /**
   * Checks what would keep code from running, before anything of the pipeline starts.
   *
   * @throws {RunnerError} if its image or a given file is missing, or its outputs have no place.
   */
  async check(): Promise<void> {
    if (isPlannedCommand(this.#planned)) return;
    const { node, runner } = this.#planned;
    await requireCodeRunner(runner).check(node);
  }

  /** Opens the sink of stderr, if there is one. @throws {EndpointError} if it cannot be opened. */
  async openStderrSink(): Promise<OpenSink | undefined> {
    const { stderr } = this.#planned.node;
    if (stderr !== undefined) this.#sink = await openSink(stderr);
    return this.#sink;
  }

  /**
   * Checks the files that are copied for the command, if there are any.
   *
   * @param others the copying for other commands of the run
   * @throws {EndpointError} if one cannot be read or written.
   */
  async openCopies(others: readonly OpenCopies[]): Promise<OpenCopies | undefined> {
    if (!isPlannedCommand(this.#planned)) return undefined;
    const { runner } = this.#planned;
    const copies = isRunner(runner) ? runner.copies : undefined;
    if (copies === undefined) return undefined;
    const { OpenCopies } = await import("../copy/open_copies.ts");
    return this.#copies = await OpenCopies.open(copies, others);
  }

  /**
   * Runs the command to its end.
   *
   * @param io owned by the command from this call on
   * @param keep takes resources to dispose when the whole pipeline has ended
   * @param onStart called once the command runs
   * @param onPhase called for each phase of the runner; `undefined` if there is no listener
   * @throws {RunnerError} if the runner fails.
   */
  async run(
    io: { stdin: InputEnd; stdout: OutputEnd; stderr: StderrOptions },
    keep: (resource: AsyncDisposable) => void,
    onStart: () => void,
    onPhase: OnPhase | undefined,
  ): Promise<CommandEnd> {
    const start = this.#starter();
    const ended = Promise.withResolvers<void>();
    const stderr = this.#openStderr(io.stderr, ended.promise);
    stderr.taken.catch((error) => this.#stop.stop(error));
    try {
      const running = await start({ ...io, stderr: stderr.end }, onPhase);
      keep(running);
      this.#stop.add(running);
      onStart();
      return await running.exited;
    } finally {
      ended.resolve();
      await Promise.race([stderr.taken.catch(() => {}), this.#stop.stopped]);
    }
  }

  #starter(): (stdio: Stdio, onPhase: OnPhase | undefined) => Promise<Running> {
    const planned = this.#planned;
    if (!isPlannedCommand(planned)) {
      const { node, runner } = planned;
      return (stdio, onPhase) => requireCodeRunner(runner).start(node, stdio, onPhase);
    }
    const { node, runner } = planned;
    if (!isRunner(runner)) throw notRunner(runner);
    const start = this.#start ?? runner.start;
    return (stdio, onPhase) => start(node, stdio, onPhase, this.#copies);
  }

  #openStderr(
    { stderr, takeStderr: taker }: StderrOptions,
    ended: Promise<void>,
  ): Stderr {
    const sink = this.#sink;
    if (sink === undefined && taker === undefined && stderr === "inherit") {
      return { end: "inherit", taken: Promise.resolve() };
    }
    const end = sink?.takeEnd?.();
    if (end !== undefined && (end !== "inherit" || findLibc() !== undefined)) {
      return { end: end === "inherit" ? Fd.borrow(1) : end, taken: Promise.resolve() };
    }
    const edge = openEdge();
    if (sink !== undefined) {
      const taken = sink.consume(toReadable(edge.read), this.#stop.signal).catch((error) => {
        throw new EndpointError(messageOf(error), "sink", error);
      });
      return { end: edge.write, taken };
    }
    return { end: edge.write, taken: this.#forward(readUntil(edge.read, ended), taker) };
  }

  async #forward(output: ReadableStream<Uint8Array>, taker?: StderrTaker): Promise<void> {
    const taking = taker?.open();
    for await (const chunk of output) {
      this.tail.push(chunk);
      if (taker === undefined || taker.forwards) await writeStderr(chunk);
      await taking?.write(chunk);
    }
    taking?.end();
  }
}

function requireCodeRunner(runner: CodeRunnerRef): CodeRunner {
  if (isCodeRunner(runner)) return runner;
  throw notRunner(runner);
}

function notRunner({ kind }: { readonly kind: string }): PlanError {
  return new PlanError(`cannot run on ${kind}: it is not a runner of this program`);
}
