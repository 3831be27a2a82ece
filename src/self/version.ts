// The version: of deno.json, which is the one place that has it.

import denoJson from "../../deno.json" with { type: "json" };
import { embedded } from "./embedded.ts";

/** The version of execvm. */
export const VERSION: string = denoJson.version;

/** Enough of a commit's hash to name it. */
const HASH_DIGITS = 12;

/** Version, commit where that is known, and Deno: `0.1.0 (0123456789ab, Deno 2.9.6)`. */
export async function describeVersion(): Promise<string> {
  const commit = embedded() === undefined ? await findCommit() : embedded()?.commit;
  const made = [...(commit === undefined ? [] : [commit]), `Deno ${Deno.version.deno}`];
  return `${VERSION} (${made.join(", ")})`;
}

/**
 * The commit of the checkout that this is, with `-dirty` if files were changed since. Undefined if it is
 * none, or git cannot tell.
 */
export async function findCommit(): Promise<string | undefined> {
  const root = new URL("../..", import.meta.url);
  if (root.protocol !== "file:") return undefined;
  try {
    await Deno.stat(new URL(".git", root)); // not that of a folder above
    const describe = ["describe", "--always", "--dirty", "--exclude=*", `--abbrev=${HASH_DIGITS}`];
    const { success, stdout } = await new Deno.Command("git", {
      args: describe,
      cwd: root,
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined; // there is no git
  }
}
