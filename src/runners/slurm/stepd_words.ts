// Recognizes the messages of slurmstepd on the stderr of the command that it runs. Pure.
//
// The start of its lines depends on the version and on LogTimeFormat of slurm.conf(5). With 22.05
// and 24.11 it is its name, or for `thread_id` the time and its name; with 26.05, and with 24.11
// and `format_stderr`, the time alone.

const START =
  /^(?:slurmstepd\S*: |\[[^\n]+?\] |[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d[^\n]* slurmstepd +0x[\da-f]+: )error: /;

/** Matches the start of its messages that it ends a step or a job, or cannot enter a folder. */
export const OWN_WORDS: RegExp = new RegExp(
  `${START.source}(?:\\*\\*\\* (?:STEP|JOB) |couldn't chdir)`,
  "m",
);

const CANCELLED = new RegExp(
  START.source +
    /\*\*\* (?:STEP|JOB) (\S+) ON \S+ CANCELLED AT \S+(?: DUE (?:TO|to) ([^\n]+?))? \*\*\*/.source,
  "gm",
);

/** Slurm has ended a step, for a reason such as `TIME LIMIT` if it gives one. */
export interface Cancellation {
  readonly reason: string | undefined;
}

/**
 * Finds the message that a step was cancelled at the end of a command's stderr, which may also have
 * such messages of steps that the command itself has run.
 *
 * @param step as `JOB.STEP`, if known; the message must then be of it or of its job
 */
export function readCancellation(words: string, step?: string): Cancellation | undefined {
  const [job] = step?.split(".") ?? [];
  for (const [, id, reason] of words.matchAll(CANCELLED)) {
    if (step !== undefined && id !== step && id !== job) continue;
    // 26.05 gives the signal that ended it as the reason.
    return { reason: reason?.startsWith("SIGNAL ") ? undefined : reason };
  }
  return undefined;
}
