// `deno task bench`: measures execvm and its peers in one run, and prints a table and JSON.

import "../support/test_cache.ts";
import { parseOptions } from "./options.ts";
import { measureRow, type RowResult } from "./row.ts";
import { makeRows } from "./rows/mod.ts";
import { renderRow } from "./table.ts";
import { TempDir } from "./temp_dir.ts";

const options = parseOptions(Deno.args);
using directory = new TempDir();
const rows = await makeRows({ directory: directory.path, quick: options.quick });
const results: RowResult[] = [];
for (const row of chosen()) {
  const result = await measureRow(row);
  print(`${renderRow(result)}\n\n`);
  results.push(result);
}
const report = { deno: Deno.version.deno, quick: options.quick, rows: results };
Deno.writeTextFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);

function chosen(): typeof rows {
  const picked = rows.filter(({ name }) => isChosen(name));
  if (picked.length > 0) return picked;
  const names = rows.map(({ name }) => name).join(", ");
  throw new RangeError(`cannot run --only ${options.only}: the rows are: ${names}`);
}

function isChosen(name: string): boolean {
  return options.only.length === 0 || options.only.some((start) => name.startsWith(start));
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
