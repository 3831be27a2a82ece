// Why an execvm over there has ended and not told how the command did. Pure.

import { quoteArgv } from "../quote.ts";
import { VERSION } from "../version.ts";
import { type FarOutput, lastLine } from "./far_shell.ts";

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
  probe: FarOutput,
): string {
  const version = probe.stdout.trim();
  if (probe.code !== 0) {
    const fact = lastLine(probe.stderr) ?? `it ends with code ${probe.code}`;
    return `${quoteArgv(execvm)} does not run over there: ${fact}`;
  }
  if (version !== VERSION) {
    return `execvm is ${
      lastLine(version) ?? "of no version"
    } over there and ${VERSION} here: ${ADVICE}`;
  }
  return `execvm over there ended ${
    code === undefined ? "" : `with code ${code} `
  }and did not say why`;
}
