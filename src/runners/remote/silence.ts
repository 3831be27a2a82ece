// Why an execvm over there has ended and not told how the command did. Pure.

import { quoteArgv } from "../../host/quote.ts";
import { VERSION } from "../../self/version.ts";
import { lastLine, type RemoteOutput } from "./shell.ts";

/** What to do about it. */
const ADVICE = "have the same at both sides, or leave out `execvm` to have this one copied";

/**
 * The reason.
 *
 * @param execvm its argv
 * @param code what it ended with
 * @param probe what it gave when it was asked for its version afterwards
 */
export function explainSilence(
  execvm: readonly string[],
  code: number | undefined,
  probe: RemoteOutput,
): string {
  const [version] = (lastLine(probe.stdout) ?? "").split(" "); // the commit and Deno come after it
  if (probe.code !== 0) {
    const fact = lastLine(probe.stderr) ?? `it ends with code ${probe.code}`;
    return `${quoteArgv(execvm)} does not run over there: ${fact}`;
  }
  if (version !== VERSION) {
    const there = version || "of no version";
    return `execvm is ${there} over there and ${VERSION} here: ${ADVICE}`;
  }
  const end = code === undefined ? "" : ` with code ${code}`;
  return `execvm over there ended${end} and did not say why`;
}
