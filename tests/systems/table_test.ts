import assert from "node:assert/strict";
import type { Report } from "../harness/run_parts.ts";
import { compatibilityTable } from "./table.ts";

const PASSED: Report = { passed: 3, failures: [], skipped: [], flaky: [], times: [] };
const FAILED: Report = { ...PASSED, failures: [{ name: "a test", text: "why" }] };
const DAY = new Date("2026-11-30T23:59:00Z");

Deno.test("compatibilityTable() has a row per system, and a column per part that was run", () => {
  const table = compatibilityTable([
    { suite: "trixie", versions: ["QEMU 10.0", "Docker 26"], parts: new Map([["doctor", PASSED]]) },
    { suite: "sid", versions: [], parts: new Map([["doctor", FAILED], ["vm", FAILED]]) },
    { suite: "forky", versions: [], parts: new Map([["vm", PASSED]]) },
  ], DAY);
  assert.equal(
    table,
    `| system | seen | versions | doctor | vm |
| --- | --- | --- | --- | --- |
| trixie | 2026-11-30 | QEMU 10.0, Docker 26 | yes | not run |
| sid | 2026-11-30 |  | no | 3 passed, 1 failed |
| forky | 2026-11-30 |  | not run | 3 tests |`,
  );
});
