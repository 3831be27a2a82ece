// Runs execvm in other releases of Debian, as root of a Debian. Ends with a table for COMPATIBILITY.md and `N passed, N failed`.

import { parseTaskArgs } from "../../src/bundle/task_args.ts";
import { messageOf } from "../../src/model/errors.ts";
import { concludeRun, mergeReports } from "../harness/run_parts.ts";
import { show } from "../harness/show.ts";
import { isInstalled } from "../support/tools.ts";
import { PART_NAMES, type PartName } from "./parts.ts";
import { runSystem } from "./run_system.ts";
import { compatibilityTable } from "./table.ts";

const SUITES = ["trixie", "sid"];

const USAGE = `deno task systems [--part NAME]... [RELEASE...]

  --part NAME  Run only this part: ${PART_NAMES.join(", ")} (default: all)
  RELEASE      A release of Debian, such as sid (default: ${SUITES.join(" ")})`;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  try {
    const { suites, parts } = parse(args);
    const reports = [];
    for (const suite of suites) reports.push(await runSystem(suite, parts));
    const all = reports.flatMap(({ suite, parts }) =>
      [...parts.values()].map((report) => ({
        ...report,
        failures: report.failures.map((it) => ({ ...it, name: `${suite}: ${it.name}` })),
      }))
    );
    show(`\n${compatibilityTable(reports, new Date())}`);
    return concludeRun(mergeReports(all));
  } catch (error) {
    show(messageOf(error));
    return 2;
  }
}

/** Parses the arguments. @throws {Error} if they are wrong, or systems cannot be tested here. */
function parse(args: readonly string[]) {
  const { values, positionals } = parseTaskArgs(USAGE, {
    args: [...args],
    options: { part: { type: "string", multiple: true, default: [...PART_NAMES] } },
    allowPositionals: true,
  });
  const unknown = values.part.find((name) => !(PART_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new Error(`cannot run ${unknown}: the parts are ${PART_NAMES.join(", ")}`);
  }
  const wrong = positionals.find((suite) => !/^[a-z][a-z-]*$/.test(suite));
  if (wrong !== undefined) throw new Error(`cannot make a root of ${wrong}: it is not a release`);
  if (Deno.uid() !== 0 || !isInstalled("mmdebstrap")) {
    throw new Error(
      "cannot make a root: that requires root, and mmdebstrap (apt-get install mmdebstrap)",
    );
  }
  const parts = PART_NAMES.filter((name) => values.part.includes(name)) as readonly PartName[];
  return { suites: positionals.length > 0 ? positionals : SUITES, parts };
}
