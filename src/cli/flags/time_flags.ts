// The options --timeout and --kill-after.

import { parseDuration, parseDurationOrZero } from "../../runners/contract/duration.ts";

/** An option whose value is a duration. */
interface TimeFlag {
  readonly kind: "parsed";
  readonly parse: (text: string) => number;
  readonly brief: string;
  readonly placeholder: "TIME";
  readonly optional: true;
}

/**
 * Returns the flags `--timeout` and `--kill-after`.
 *
 * @param what is ended, such as `command`, for the help
 */
export function timeLimitFlags(
  what: string,
): { readonly timeout: TimeFlag; readonly killAfter: TimeFlag } {
  return {
    timeout: time(`End the ${what} after this time, such as 30s, with exit code 124`),
    killAfter: time(
      "Send SIGKILL to what still runs this long after SIGTERM or --timeout (default: 10s)",
      parseDurationOrZero,
    ),
  };
}

function time(brief: string, parse: TimeFlag["parse"] = parseDuration): TimeFlag {
  return { kind: "parsed", parse, brief, placeholder: "TIME", optional: true };
}
