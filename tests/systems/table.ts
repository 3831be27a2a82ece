// Formats the table of COMPATIBILITY.md: a row per system, a column per part.

import type { Report } from "../harness/run_parts.ts";
import { type PartName, PARTS } from "./parts.ts";
import type { SystemReport } from "./run_system.ts";

/** Returns the table of these systems as Markdown. @param date the day of the tests */
export function compatibilityTable(reports: readonly SystemReport[], date: Date): string {
  const names = [...new Set(reports.flatMap(({ parts }) => [...parts.keys()]))];
  const head = ["system", "seen", "versions", ...names.map((name) => PARTS[name].title)];
  const day = date.toISOString().slice(0, 10);
  const rows = reports.map(({ suite, versions, parts }) => [
    suite,
    day,
    versions.join(", "),
    ...names.map((name) => cellOf(name, parts.get(name))),
  ]);
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function cellOf(name: PartName, report: Report | undefined): string {
  if (report === undefined) return "not run";
  const { passed, failures } = report;
  if (!("tests" in PARTS[name])) return failures.length === 0 ? "yes" : "no";
  return failures.length === 0 ? `${passed} tests` : `${passed} passed, ${failures.length} failed`;
}
