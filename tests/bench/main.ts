// `deno task bench`: measures execvm and its peers in one run, and prints a table and JSON.

import "../support/test_cache.ts";
import { messageOf } from "../../src/model/errors.ts";
import { parseOptions } from "./options.ts";
import { measureRow, type RowResult } from "./row.ts";
import { makeRows } from "./rows/mod.ts";
import { renderRow } from "./table.ts";
import { TempDir } from "./temp_dir.ts";

try {
  await bench();
} catch (error) {
  Deno.stderr.writeSync(new TextEncoder().encode(`${messageOf(error)}\n`));
  Deno.exit(2);
}

async function bench(): Promise<void> {
  const options = parseOptions(Deno.args);
  using directory = new TempDir();
  const rows = await makeRows({ directory: directory.path, quick: options.quick });
  const results: RowResult[] = [];
  for (const row of choose(rows, options.only)) {
    const result = await measureRow(row);
    print(`${renderRow(result)}\n\n`);
    results.push(result);
  }
  const report = { deno: Deno.version.deno, quick: options.quick, rows: results };
  Deno.writeTextFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
}

/** Returns the rows whose names begin with one of `only`, or all. @throws {RangeError} if none do. */
function choose<T extends { readonly name: string }>(
  rows: readonly T[],
  only: readonly string[],
): readonly T[] {
  if (only.length === 0) return rows;
  const picked = rows.filter(({ name }) => only.some((start) => name.startsWith(start)));
  if (picked.length > 0) return picked;
  const names = rows.map(({ name }) => name).join(", ");
  throw new RangeError(`cannot run --only ${only}: the rows are: ${names}`);
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
