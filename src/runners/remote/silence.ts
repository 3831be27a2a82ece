// Explains why a remote execvm ended without a report of how the command ended. Pure.

import { quoteArgv } from "../../host/quote.ts";
import { VERSION } from "../../self/version.ts";
import { lastLine, type RemoteOutput } from "./shell.ts";

/** What to do about different versions. */
const ADVICE = "use the same version on both sides, or leave out `execvm` to copy this one";

/**
 * Returns the reason as a clause.
 *
 * @param execvm its argv
 * @param code its exit code, if known
 * @param probe the output of `execvm --version` there, run afterwards
 */
export function explainSilence(
  execvm: readonly string[],
  code: number | undefined,
  probe: RemoteOutput,
): string {
  const [version] = (lastLine(probe.stdout) ?? "").split(" "); // then commit and Deno
  if (probe.code !== 0) {
    const fact = lastLine(probe.stderr) ?? `it ends with code ${probe.code}`;
    return `${quoteArgv(execvm)} does not run on the remote host: ${fact}`;
  }
  if (version !== VERSION) {
    const there = version || "of an unknown version";
    return `execvm is ${there} on the remote host and ${VERSION} here: ${ADVICE}`;
  }
  const end = code === undefined ? "" : ` with code ${code}`;
  return `execvm on the remote host ended${end} and gave no reason`;
}
