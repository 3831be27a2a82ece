// The version of execvm, which is defined in deno.json only.

import denoJson from "../../deno.json" with { type: "json" };
import { embedded } from "./embedded.ts";

/** The version of execvm. */
export const VERSION: string = denoJson.version;

/** Digits of a commit's hash that are shown. */
const HASH_DIGITS = 12;

/** Describes version, commit (if known) and Deno: `0.1.0 (0123456789ab, Deno 2.9.6)`. */
export async function describeVersion(): Promise<string> {
  const commit = embedded() === undefined ? await findCommit() : embedded()?.commit;
  const made = [...(commit === undefined ? [] : [commit]), `Deno ${Deno.version.deno}`];
  return `${VERSION} (${made.join(", ")})`;
}

/**
 * Returns the commit of the checkout that this program runs from, with `-dirty` if files were
 * changed since. Undefined if it does not run from a checkout, or git fails.
 */
export async function findCommit(): Promise<string | undefined> {
  const root = new URL("../..", import.meta.url);
  if (root.protocol !== "file:") return undefined;
  try {
    await Deno.stat(new URL(".git", root)); // not that of a parent folder
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
