// What of a part one process runs.

import { groupFiles } from "./groups.ts";
import type { Part } from "./test_run.ts";

/** Files of a part that one `deno test` runs. */
export interface Piece {
  readonly part: Part;
  /** Its name among the pieces; those of the same name are not run at the same time, whatever part they are of. */
  readonly group: string;
  readonly files: readonly string[];
}

/**
 * The part in groups of files, whose types are checked here, once for all of them. It stays whole if it is one
 * group, has a program of its own to run it, or its types are wrong, which `deno test` says then.
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
  const args = ["check", "--quiet", ...files];
  const check = new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "null" });
  return (await check.output()).success;
}
