// Runs a program that checks something, and passes or fails as a whole.

import { type FollowOptions, followProcess, howEnded } from "./follow_process.ts";
import { show } from "./show.ts";
import type { Failure } from "./test_log.ts";

/** Runs a program; returns undefined if it succeeded, otherwise what to report. */
export async function runCheck(
  name: string,
  argv: readonly [string, ...string[]],
  { env = {}, label = "" }: Pick<FollowOptions, "env" | "label"> = {},
): Promise<Failure | undefined> {
  show(`\n${label}== ${name}: ${argv.join(" ")}`);
  const { status, tail } = await followProcess(argv, { env, label });
  if (status.success) return undefined;
  return { name, text: `${argv.join(" ")} ${howEnded(status)}; it printed last:\n${tail}` };
}
