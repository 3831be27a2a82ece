// `execvm doctor`: reports what execvm needs on this machine, and what to do about what is missing.

import type { CheckResult } from "../../host/check_result.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { checkMachine } from "./doctor_checks.ts";

/**
 * The version of the form of `--json`; it changes only if a field is removed or changes its
 * meaning.
 */
const JSON_VERSION = 1;

/**
 * The states in JSON: `missing` is required, `warn` is optional but something is lost without it.
 */
const STATES = { ok: "ok", warn: "warn", fail: "missing" } as const;

/** Runs `execvm doctor`. */
export const doctor = withErrorReport(
  async ({ process }, { json }: { readonly json?: boolean; readonly verbose?: boolean }) => {
    const findings = await checkMachine();
    const isReady = findings.every(({ state }) => state !== "fail");
    const shown = json === true ? toJson(findings, isReady) : findings.map(toLines).join("");
    process.stdout.write(shown);
    return isReady ? 0 : 1;
  },
);

function toLines({ state, what, fact, advice }: CheckResult): string {
  const line = `${state.padEnd(4)} ${what}: ${fact}\n`;
  return advice === undefined ? line : `${line}     ${advice}\n`;
}

function toJson(findings: readonly CheckResult[], isReady: boolean): string {
  const report = {
    version: JSON_VERSION,
    ready: isReady,
    findings: findings.map(({ state, what, fact, advice }) => ({
      name: what.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"),
      state: STATES[state],
      detail: fact,
      advice: advice ?? null,
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
