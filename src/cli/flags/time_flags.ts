// The options that say how long something may take, and how long it then has to end.

import { parseDuration, parseDurationOrZero } from "../../runners/contract/duration.ts";

/** An option that is a time. */
interface TimeFlag {
  readonly kind: "parsed";
  readonly parse: (text: string) => number;
  readonly brief: string;
  readonly placeholder: "TIME";
  readonly optional: true;
}

/** `--timeout` and `--kill-after`. @param what is ended */
export function timeLimitFlags(
  what: string,
): { readonly timeout: TimeFlag; readonly killAfter: TimeFlag } {
  return {
    timeout: time(`End the ${what} after this time, such as 30s, with exit code 124`),
    killAfter: time(
      "Kill what has not ended so long after SIGTERM or that time (default 10s)",
      parseDurationOrZero,
    ),
  };
}

function time(brief: string, parse: TimeFlag["parse"] = parseDuration): TimeFlag {
  return { kind: "parsed", parse, brief, placeholder: "TIME", optional: true };
}
