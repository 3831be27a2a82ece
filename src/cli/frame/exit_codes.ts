// The exit codes of execvm itself, and which errors cause them.

import { ProgramError } from "../../libc/program.ts";
import { EndpointError, messageOf, PlanError, UsageError } from "../../model/errors.ts";

/** The usage was wrong. */
export const USAGE = 2;
/** execvm itself failed, so nothing is known about the command. */
export const FAILED = 125;
/** 128 + 13: the reader of our stdout is gone; shells do not report that. */
export const SIGPIPE = 141;

/**
 * Reports an error on stderr and returns the exit code for it.
 *
 * @param verbose print the stack trace in place of one line
 */
export function report(error: unknown, verbose = false): number {
  if (isBrokenPipe(error)) return SIGPIPE;
  const story = verbose && error instanceof Error ? error.stack : messageOf(error);
  say(`${story}`);
  if (error instanceof UsageError || error instanceof PlanError) return USAGE;
  return error instanceof ProgramError ? error.code : FAILED;
}

/**
 * Turns a TypeError or RangeError, which rejects an option, into a UsageError; returns others
 * unchanged.
 */
export function toUsageError(error: unknown): unknown {
  const isRefusal = error instanceof TypeError || error instanceof RangeError;
  return isRefusal ? new UsageError(error.message) : error;
}

/** Writes a line to stderr, with the prefix `execvm: `. */
export function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`execvm: ${line}\n`));
}

function isBrokenPipe(error: unknown): boolean {
  const cause = error instanceof EndpointError && error.end === "sink" ? error.cause : error;
  return cause instanceof Deno.errors.BrokenPipe;
}
