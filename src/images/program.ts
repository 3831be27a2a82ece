// Runs programs of this host that produce or consume a stream, as pipelines.

import { pullStream } from "../archive/pull_stream.ts";
import { cmd } from "../blocks/command.ts";
import { stream } from "../blocks/sources.ts";
import { toolArgv } from "../host/program_path.ts";
import { StderrTail } from "../host/stderr_tail.ts";
import { CommandError, EndpointError } from "../model/errors.ts";
import { defaultEngine } from "../run/engine.ts";

/** A program, and how to install it. */
export interface Program {
  readonly argv: readonly [string, ...string[]];
  /** The command that installs it, shown if it is missing. */
  readonly install: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Explains a failure that the program itself does not; returns undefined for others. */
  readonly explain?: (stderr: string) => string | undefined;
}

/** The streams of a program. */
export interface ProgramOptions {
  /** Its stdin; owned by the run. @default empty */
  readonly input?: ReadableStream<Uint8Array>;
  /** Receives its stdout; closed at its end, aborted if it fails. @default discarded */
  readonly output?: WritableStream<Uint8Array>;
  /** Ends the program. */
  readonly signal?: AbortSignal | undefined;
}

/** The last lines of stderr that an error shows. */
const STDERR_LINES = 3;

const NOTHING = new Blob();

/**
 * Runs a program to its end; it is killed if this process ends first.
 *
 * @throws {Error} if it is missing, or fails; with the last lines of its stderr.
 * @throws what `input` fails with, and the reason of `signal`.
 */
export async function runProgram(program: Program, options: ProgramOptions = {}): Promise<void> {
  const output = options.output ?? new WritableStream();
  const tail = new StderrTail();
  const command = cmd(...toolArgv(program.argv)).env({ LC_ALL: "C", ...program.env })
    .stderr(stream(new WritableStream<Uint8Array>({ write: (chunk) => tail.push(chunk) })));
  const pipeline = stream(options.input ?? NOTHING.stream()).pipe(command).to(stream(output));
  try {
    await defaultEngine.run(pipeline.description, {
      ...(options.signal && { signal: options.signal }),
    });
  } catch (error) {
    throw explain(error, program, tail);
  }
}

/**
 * Returns the stdout of a program as a stream, which fails like `runProgram`. The first read starts
 * the program; cancelling ends it and waits for its exit.
 */
export function programOutput(
  program: Program,
  options: Omit<ProgramOptions, "output"> = {},
): ReadableStream<Uint8Array> {
  const over = new AbortController();
  return pullStream(outputChunks(program, options, over), async (reason) => {
    over.abort(reason);
    // If nothing was read, the program has not been started and does not own the input.
    if (options.input?.locked === false) await options.input.cancel(reason);
  });
}

async function* outputChunks(
  program: Program,
  options: ProgramOptions,
  over: AbortController,
): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const signal = AbortSignal.any([over.signal, ...(options.signal ? [options.signal] : [])]);
  const ended = runProgram(program, { ...options, output: writable, signal });
  ended.catch(() => {}); // reported to the reader below
  try {
    yield* readable;
  } catch {
    // The program's own error, thrown below, has the reason.
  } finally {
    over.abort();
    await ended.catch(() => {});
  }
  await ended;
}

function explain(error: unknown, program: Program, tail: StderrTail): unknown {
  const { argv: [name], install } = program;
  // The error of the stream itself is more useful than the one that wraps it.
  if (error instanceof EndpointError) return error.cause ?? error;
  if (!(error instanceof CommandError)) return error;
  const { code, signal } = error.stages[0]!;
  if (code === 127) return new Error(`there is no program ${name}: ${install}`, { cause: error });
  const why = program.explain?.(String(tail));
  if (why !== undefined) return new Error(why, { cause: error });
  const end = signal === undefined ? `exited with code ${code}` : `died of ${signal}`;
  const lines = String(tail).trim().split("\n").slice(-STDERR_LINES).join("\n");
  return new Error(`${name} ${end}${lines === "" ? "" : `:\n${lines}`}`, { cause: error });
}
