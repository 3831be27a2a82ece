// What CI runs: the gate, README's commands on a fresh machine, and all tests. Ends with
// `N passed, N failed`, above which is what failed and why.

import { oldestDeno, selectParts } from "./run/parts.ts";
import { runCheck } from "./run/check.ts";
import { runParts, showReport } from "./run/run_parts.ts";

/** The oldest Deno that is supported; a test holds it and `doctor` together. */
const OLDEST = "2.7.11";

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const deno = Deno.execPath();
  const folder = Deno.makeTempDirSync({ prefix: "execvm-ci-" });
  try {
    const checks = [
      await runCheck("the gate", [deno, "task", "ok"]),
      await runCheck("what the tests need", [deno, "run", "-A", "tests/setup.ts"]),
      await runCheck("a fresh machine", [deno, "run", "-A", "tests/fresh/main.ts"]),
    ];
    const parts = [...await selectParts(folder), oldestDeno(OLDEST)];
    const report = await runParts(parts, { retryOnce: true, mayNotSkip: true });
    const failed = checks.flatMap((failure) => failure ?? []);
    report.failures.unshift(...failed);
    report.passed += checks.length - failed.length;
    showReport(report);
    return report.failures.length === 0 ? 0 : 1;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
