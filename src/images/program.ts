// Programs of this machine that give or take a stream, run as pipelines.

import { pullStream } from "../archive/pull_stream.ts";
import { cmd } from "../blocks/command.ts";
import { stream } from "../blocks/sources.ts";
import { toolArgv } from "../host/program_path.ts";
import { StderrTail } from "../host/stderr_tail.ts";
import { CommandError, EndpointError } from "../model/errors.ts";
import { defaultEngine } from "../run/engine.ts";

/** A program, and what brings it. */
export interface Program {
  readonly argv: readonly [string, ...string[]];
  /** The line that installs it, for when it is missing. */
  readonly install: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Why it has failed, where it does not say so itself; else undefined. */
  readonly explain?: (stderr: string) => string | undefined;
}

/** What a program is given. */
export interface ProgramOptions {
  /** Its stdin, which it owns. @default nothing */
  readonly input?: ReadableStream<Uint8Array>;
  /** Where its stdout goes: closed at its end, aborted if it fails. @default nowhere */
  readonly output?: WritableStream<Uint8Array>;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** Lines at the end of stderr that are part of an error. */
const STDERR_LINES = 3;

const NOTHING = new Blob();

/**
 * Runs a program to its end, which comes with ours at the latest.
 *
 * @throws {Error} if it is not there, or fails: with the end of its stderr.
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
 * The stdout of a program as a stream, which fails as `runProgram` does. It is started by the first
 * read; cancelling ends it, and waits for that.
 */
export function programOutput(
  program: Program,
  options: Omit<ProgramOptions, "output"> = {},
): ReadableStream<Uint8Array> {
  const over = new AbortController();
  return pullStream(outputChunks(program, options, over), async (reason) => {
    over.abort(reason);
    // If nothing was read nobody else has it.
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
  ended.catch(() => {}); // it is told to the reader below
  try {
    yield* readable;
  } catch {
    // Why it broke is what the program says.
  } finally {
    over.abort();
    await ended.catch(() => {});
  }
  await ended;
}

function explain(error: unknown, program: Program, tail: StderrTail): unknown {
  const { argv: [name], install } = program;
  // What a stream failed with is the news, not that a stream did.
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
