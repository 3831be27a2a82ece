// The errors: a bad description, a command that failed, machinery that failed, an end that failed.

import { showWord } from "../libc/word.ts";
import { explainFault } from "../host/fault.ts";
import { describeFailures } from "./item_failures.ts";
import { describeLink } from "./failed_link.ts";
import type { ItemResult, Result, StageResult } from "./result.ts";

/** A description that cannot be carried out; `path` is where in its JSON form, if it has one. */
export class PlanError extends Error {
  /** Its class. */
  override readonly name = "PlanError";

  /** Made by this module, and where descriptions are read. @param path where in the JSON form */
  constructor(message: string, readonly path?: string) {
    super(message);
  }
}

/** A command line that cannot be understood; exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A stage of the pipeline failed. Its shape is that of the {@linkcode Result}. */
export class CommandError extends Error implements Result {
  /** Its class. */
  override readonly name = "CommandError";
  /** Never. */
  readonly ok = false;
  /** The exit code of the pipeline. */
  readonly code: number;
  /** Whether it was ended as its time was over. */
  readonly timedOut: boolean;
  /** How each stage went. */
  readonly stages: readonly StageResult[];
  /** How each item went, if the source is a fan-out. */
  readonly items?: readonly ItemResult[];

  /** Made where runs end. @param stage the one that decided, unless time was over */
  constructor(result: Result, readonly stage?: StageResult) {
    super(describe(result, stage));
    this.code = result.code;
    this.timedOut = result.timedOut;
    this.stages = result.stages;
    if (result.items !== undefined) this.items = result.items;
  }
}

/** What is known when the machinery fails. */
export interface RunnerFailure {
  /** The kind of the runner. */
  readonly runner: string;
  /** What it was doing, such as `start`. */
  readonly phase: string;
  /** The exact command line on this machine, to reproduce it. */
  readonly argv?: readonly string[];
  /** The last lines that the machinery printed. */
  readonly consoleTail?: string;
  /** The error behind it. */
  readonly cause?: unknown;
}

/** The runner failed, not the command. */
export class RunnerError extends Error {
  /** Its class. */
  override readonly name = "RunnerError";
  /** The kind of the runner. */
  readonly runner: string;
  /** What it was doing, such as `start`. */
  readonly phase: string;
  /** The exact command line on this machine, to reproduce it; empty if there was none. */
  readonly argv: readonly string[];
  /** The last lines that the machinery printed; empty if there were none. */
  readonly consoleTail: string;

  /** Made by runners. @param failure what is known */
  constructor(message: string, failure: RunnerFailure) {
    super(message, { cause: failure.cause });
    this.runner = failure.runner;
    this.phase = failure.phase;
    this.argv = failure.argv ?? [];
    this.consoleTail = failure.consoleTail ?? "";
  }
}

/** The source could not give its bytes, or the sink refused them. */
export class EndpointError extends Error {
  /** Its class. */
  override readonly name = "EndpointError";

  /** Made where ends are opened and used. @param end which end failed */
  constructor(message: string, readonly end: "source" | "sink", cause?: unknown) {
    super(message, { cause });
  }
}

/** @deprecated The name of {@linkcode EndpointError} up to version 0.1. */
export const EdgeError: typeof EndpointError = EndpointError;

/** @deprecated The name of {@linkcode EndpointError} up to version 0.1. */
export type EdgeError = EndpointError;

/** The one line of any thrown value; what the system says, in words, with its place. */
export function messageOf(error: unknown): string {
  return explainFault(error);
}

function describe(result: Result, stage: StageResult | undefined): string {
  if (result.timedOut) return "Cannot finish the pipeline in time: it was ended";
  if (stage === undefined) {
    if (result.items !== undefined) return describeFailures(result.items);
    return `The pipeline failed with code ${result.code}`;
  }
  const end = stage.signal === undefined
    ? `exited with code ${stage.code}`
    : `died of ${stage.signal}`;
  const where = stage.runner === "js" ? "" : ` (${stage.runner})`;
  const lines = stage.stderrTail.trimEnd();
  const { failedLink, argv } = stage;
  const program = failedLink === undefined ? showWord(argv[0]!) : describeLink(failedLink);
  return `${program}${where} ${end}${lines === "" ? "" : `:\n${lines}`}`;
}

/** Notes an error of the clean-up on the error that came first, which stays the one that is thrown. */
export function attachTeardownError(first: unknown, error: unknown): void {
  if (!(first instanceof Error) || !Object.isExtensible(first)) return;
  const known = (first as { teardownErrors?: unknown[] }).teardownErrors ?? [];
  Object.assign(first, { teardownErrors: [...known, error] });
}
