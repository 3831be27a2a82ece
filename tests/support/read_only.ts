// Makes folders read-only for one program, also for root, which file modes do not restrict.

import { needs } from "./tools.ts";

/** Mounts each folder over itself, in a new mount namespace. Arguments: folders, `--`, an argv. */
const PROGRAM = `
set -e
mount --make-rprivate /
while [ "$1" != -- ]; do
  mount --bind "$1" "$1"
  mount -o remount,bind,ro "$1"
  shift
done
shift
exec "$@"
`;

/**
 * Returns the argv that runs another one with these folders and their contents read-only. It
 * requires root.
 */
export function readOnlyArgv(
  folders: readonly string[],
  argv: readonly string[],
): readonly [string, ...string[]] {
  return ["unshare", "--mount", "sh", "-c", PROGRAM, "sh", ...folders, "--", ...argv];
}

/** Like `needs`, for tests that use it. */
export function needsReadOnly(
  name: string,
  ...tools: string[]
): Pick<Deno.TestDefinition, "name" | "ignore"> {
  if (Deno.uid() === 0) return needs(name, "unshare", ...tools);
  return { name: `${name} (skipped: only root can mount)`, ignore: true };
}
