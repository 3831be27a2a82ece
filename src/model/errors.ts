// The error classes: invalid description, failed command, failed runner, failed source or sink.

import { showWord } from "../libc/word.ts";
import { explainFault } from "../host/fault.ts";
import { printableText } from "../host/printable.ts";
import type { CodeStageResult } from "./code_result.ts";
import { describeFailures } from "./item_failures.ts";
import { describeLink } from "./failed_link.ts";
import type { ItemResult, Result, StageResult } from "./result.ts";
import { toText } from "./to_text.ts";

/**
 * Thrown if the description of a pipeline is invalid or has no JSON form.
 *
 * @example
 * ```ts
 * import { fromJSON, PlanError } from "@execvm/execvm";
 *
 * try {
 *   fromJSON({ type: "command", args: [1], env: {} });
 * } catch (error) {
 *   if (error instanceof PlanError) console.log(error.path); // "args[0]"
 * }
 * ```
 */
export class PlanError extends Error {
  /** The class. */
  override readonly name = "PlanError";

  /**
   * Called where descriptions are read.
   *
   * @param path the invalid place in the JSON form, if there is one
   */
  constructor(message: string, readonly path?: string) {
    super(message);
  }
}

/** Thrown if a command line is invalid; exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Thrown if a stage of the pipeline failed or the time limit was reached. It has the shape of a
 * {@linkcode Result}.
 *
 * @example
 * ```ts
 * import { cmd, CommandError } from "@execvm/execvm";
 *
 * try {
 *   await cmd("ls", "/nowhere").text();
 * } catch (error) {
 *   if (error instanceof CommandError) console.log(error.code, error.stdout, error.stderr);
 * }
 * ```
 */
export class CommandError extends Error implements Result {
  /** The class. */
  override readonly name = "CommandError";
  /** Always `false`. */
  readonly ok = false;
  /** The exit code of the pipeline. */
  readonly code: number;
  /** Whether the pipeline, or the code that set its exit code, reached its time limit. */
  readonly timedOut: boolean;
  /** The result of each stage, from left to right. */
  readonly stages: readonly StageResult[];
  /** The result of each item, if the source is a fan-out. */
  readonly items?: readonly ItemResult[];

  /**
   * Called where runs end.
   *
   * @param stage the failed stage that set the code; absent after a time limit
   */
  constructor(result: Result, readonly stage?: StageResult) {
    super(printableText(describe(result, stage)));
    this.code = result.code;
    this.timedOut = result.timedOut;
    this.stages = result.stages;
    if (result.items !== undefined) this.items = result.items;
  }

  /**
   * The output up to the failure, decoded as UTF-8, without a trailing newline. `undefined` if the
   * output was not captured: `text`, `bytes`, `lines` and `json` capture it, `run` does not.
   *
   * @throws {RangeError} if it is too long for a string.
   */
  get stdout(): string | undefined {
    const bytes = this.stdoutBytes;
    return bytes && toText(bytes);
  }

  /** As `stdout`, as it is. */
  get stdoutBytes(): Uint8Array<ArrayBuffer> | undefined {
    return OUTPUTS.get(this)?.();
  }

  /** The last 8 KiB of stderr of each stage, from left to right, without a trailing newline. */
  get stderr(): string {
    return this.stages.map(({ stderrTail }) => stderrTail).join("").replace(/\r?\n$/, "");
  }
}

/** The output of failed pipelines, so that printing an error does not print its output. */
const OUTPUTS = new WeakMap<CommandError, () => Uint8Array<ArrayBuffer>>();

/**
 * Adds the captured output to an error, if it is a {@linkcode CommandError}, and returns it.
 *
 * @param output called each time that the output is read
 */
export function withOutput(error: unknown, output: () => Uint8Array<ArrayBuffer>): unknown {
  if (error instanceof CommandError) OUTPUTS.set(error, output);
  return error;
}

/** The details of a {@linkcode RunnerError}. */
export interface RunnerFailure {
  /** The kind of the runner, such as `vm`. */
  readonly runner: string;
  /** What the runner was doing, such as `start`. */
  readonly phase: string;
  /** The exact command line on this machine, to reproduce the failure. */
  readonly argv?: readonly string[];
  /** The last lines that the runner's own programs printed, such as QEMU or the guest's console. */
  readonly consoleTail?: string;
  /** The underlying error. */
  readonly cause?: unknown;
}

/**
 * Thrown if a runner failed, not the command: no QEMU, a guest that does not boot, a lost
 * connection.
 *
 * @example
 * ```ts
 * import { cmd, RunnerError, vm } from "@execvm/execvm";
 *
 * async function example(): Promise<void> {
 *   await using runner = vm({ accel: "kvm" });
 *   try {
 *     await cmd("uname").on(runner).text();
 *   } catch (error) {
 *     if (error instanceof RunnerError) console.log(error.runner, error.phase, error.consoleTail);
 *   }
 * }
 * ```
 */
export class RunnerError extends Error {
  /** The class. */
  override readonly name = "RunnerError";
  /** The kind of the runner, such as `vm`. */
  readonly runner: string;
  /** What the runner was doing, such as `start`. */
  readonly phase: string;
  /** The exact command line on this machine, to reproduce the failure; empty if there was none. */
  readonly argv: readonly string[];
  /** The last lines that the runner's own programs printed; empty if there were none. */
  readonly consoleTail: string;

  /** Called by runners. @param failure the details */
  constructor(message: string, failure: RunnerFailure) {
    super(printableText(message), { cause: failure.cause });
    this.runner = failure.runner;
    this.phase = failure.phase;
    this.argv = failure.argv ?? [];
    this.consoleTail = failure.consoleTail ?? "";
  }
}

/**
 * Thrown if the source could not be read or the sink could not be written, such as a missing file.
 *
 * @example
 * ```ts
 * import { cmd, EndpointError, file } from "@execvm/execvm";
 *
 * try {
 *   await file("/nowhere/input").pipe(cmd("wc", "-l")).text();
 * } catch (error) {
 *   if (error instanceof EndpointError) console.log(error.end); // "source"
 * }
 * ```
 */
export class EndpointError extends Error {
  /** The class. */
  override readonly name = "EndpointError";

  /** Called where sources and sinks are opened and used. @param end which of the two failed */
  constructor(message: string, readonly end: "source" | "sink", cause?: unknown) {
    super(printableText(message), { cause });
  }
}

/** @deprecated The name of {@linkcode EndpointError} up to version 0.1. */
export const EdgeError: typeof EndpointError = EndpointError;

/** @deprecated The name of {@linkcode EndpointError} up to version 0.1. */
export type EdgeError = EndpointError;

/** Returns the message of any thrown value; for errors of the system with operation and path. */
export function messageOf(error: unknown): string {
  return explainFault(error);
}

function describe(result: Result, stage: StageResult | undefined): string {
  if (result.timedOut && stage === undefined) {
    return "cannot finish the pipeline in time: it was ended";
  }
  if (stage === undefined) {
    if (result.items !== undefined) return describeFailures(result.items);
    return `The pipeline failed with code ${result.code}`;
  }
  const end = stage.signal === undefined
    ? `exited with code ${stage.code}`
    : `died of ${stage.signal}`;
  const where = stage.runner === "js" ? "" : ` (${stage.runner})`;
  const lines = stage.stderrTail.trimEnd();
  const { failedLink, argv, codeResult } = stage;
  const why = codeResult && whyCodeFailed(codeResult);
  const program = failedLink === undefined ? showWord(argv[0]!) : describeLink(failedLink);
  return `${program}${where} ${end}${why === undefined ? "" : `: ${why}`}${
    lines === "" ? "" : `:\n${lines}`
  }`;
}

/** Returns why code failed, if more than its exit status is known; else `undefined`. */
export function whyCodeFailed(
  { timedOut, oomKilled, failure, outputsFailure }: CodeStageResult,
): string | undefined {
  if (timedOut) return "it reached its time limit";
  if (oomKilled) return "it ran out of memory: raise memoryMib";
  if (failure !== null) {
    return `its machine failed: ${failure.replace(/^cannot run the command: /, "")}`;
  }
  return outputsFailure === null ? undefined : `its outputs are lost: ${outputsFailure}`;
}

/**
 * Adds the result of a run, whose commands have all ended, to an error of what came after them.
 *
 * @param result with what was captured, if something was
 */
export function attachResult(error: unknown, result: Result): void {
  if (error instanceof CommandError) return; // it has the shape of one
  if (error instanceof Error && Object.isExtensible(error)) Object.assign(error, { result });
}

/** Returns the result that {@linkcode attachResult} has added, if it has. */
export function attachedResult(error: unknown): Result | undefined {
  return error instanceof Error ? (error as { result?: Result }).result : undefined;
}

/**
 * Adds an error of the teardown to `teardownErrors` of the first error, which is the one thrown.
 */
export function attachTeardownError(first: unknown, error: unknown): void {
  if (!(first instanceof Error) || !Object.isExtensible(first)) return;
  const known = (first as { teardownErrors?: unknown[] }).teardownErrors ?? [];
  Object.assign(first, { teardownErrors: [...known, error] });
}
