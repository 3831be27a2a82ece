// What slurmstepd says on the stderr of the command that it runs. Pure.
//
// How its lines begin depends on the version and on LogTimeFormat of slurm.conf(5). With 22.05 and 24.11 that
// is its name, or for `thread_id` the time and its name; with 26.05, and with 24.11 and `format_stderr`, the
// time alone.

const START =
  /^(?:slurmstepd\S*: |\[[^\n]+?\] |[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d[^\n]* slurmstepd +0x[\da-f]+: )error: /;

/** How it tells that it ends a step or a job, or of a folder. */
export const OWN_WORDS: RegExp = new RegExp(
  `${START.source}(?:\\*\\*\\* (?:STEP|JOB) |couldn't chdir)`,
  "m",
);

const CANCELLED = new RegExp(
  START.source +
    /\*\*\* (?:STEP|JOB) (\S+) ON \S+ CANCELLED AT \S+(?: DUE (?:TO|to) ([^\n]+?))? \*\*\*/.source,
  "gm",
);

/** That Slurm has ended a step, and why if it says so, such as `TIME LIMIT`. */
export interface Cancellation {
  readonly reason: string | undefined;
}

/**
 * Reads the end of a step out of the last words on a command's stderr, among which may be lines of other
 * steps that the command itself has run.
 *
 * @param step as `JOB.STEP`, if it is known
 */
export function readCancellation(words: string, step?: string): Cancellation | undefined {
  const [job] = step?.split(".") ?? [];
  for (const [, id, reason] of words.matchAll(CANCELLED)) {
    if (step !== undefined && id !== step && id !== job) continue;
    // With 26.05 the signal that it was ended by is told as a reason.
    return { reason: reason?.startsWith("SIGNAL ") ? undefined : reason };
  }
  return undefined;
}
