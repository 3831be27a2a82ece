// Exit codes of execvm itself, and the errors that lead to them.

import { ProgramError } from "../../libc/program.ts";
import { EndpointError, messageOf, PlanError, UsageError } from "../../model/errors.ts";

/** It was called in a wrong way. */
export const USAGE = 2;
/** It failed itself, so that nothing is known of the command. */
export const FAILED = 125;
/** 128 + 13: the reader of our stdout is gone, which a shell keeps quiet about. */
export const SIGPIPE = 141;

/** Says on stderr what went wrong, in a line or with `verbose` in full; the exit code for it. */
export function report(error: unknown, verbose = false): number {
  if (isBrokenPipe(error)) return SIGPIPE;
  const story = verbose && error instanceof Error ? error.stack : messageOf(error);
  say(`${story}`);
  if (error instanceof UsageError || error instanceof PlanError) return USAGE;
  return error instanceof ProgramError ? error.code : FAILED;
}

/** Of an error that refuses an option, wrong usage; any other error as it is. */
export function toUsageError(error: unknown): unknown {
  const isRefusal = error instanceof TypeError || error instanceof RangeError;
  return isRefusal ? new UsageError(error.message) : error;
}

/** A line of ours on stderr. */
export function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`execvm: ${line}\n`));
}

function isBrokenPipe(error: unknown): boolean {
  const cause = error instanceof EndpointError && error.end === "sink" ? error.cause : error;
  return cause instanceof Deno.errors.BrokenPipe;
}
