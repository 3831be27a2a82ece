// Splits a part into pieces that one process each runs.

import { groupFiles } from "./groups.ts";
import type { Part } from "./test_run.ts";

/** The files of a part that one `deno test` runs. */
export interface Piece {
  readonly part: Part;
  /** Its name; pieces with the same name, of any part, never run at the same time. */
  readonly group: string;
  readonly files: readonly string[];
}

/**
 * Splits a part into groups of files, whose types are checked here, once for all. It stays whole if
 * it is one group, has its own program to run it, or has type errors, which `deno test` then
 * reports.
 */
export async function toPieces(part: Part): Promise<readonly Piece[]> {
  const groups = [...groupFiles(part.files)];
  const whole = [{ part, group: groups[0]?.[0] ?? "", files: part.files }];
  if (groups.length < 2 || part.deno !== undefined || !await isChecked(part)) return whole;
  const flags = [...new Set([...part.flags, "--no-check"])];
  return groups.map(([group, files]) => ({ part: { ...part, flags }, group, files }));
}

async function isChecked({ flags, files }: Part): Promise<boolean> {
  if (flags.includes("--no-check")) return true;
  const locks = flags.filter((flag) => flag.startsWith("--lock="));
  const args = ["check", "--quiet", ...locks, ...files];
  const check = new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "null" });
  return (await check.output()).success;
}
