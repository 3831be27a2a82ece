// The command lines that unpack files of the host in the root, and pack some for it.

import { MISSING_CODE, type TarWork } from "../machine/protocol.ts";

/** Returns the argv for busybox. @throws {Error} if a path to pack cannot be reached. */
export function tarArgv(work: TarWork): readonly string[] {
  if ("unpack" in work) return ["tar", "-x", "-p", "-o", "-f", "-", "-C", work.unpack];
  const real = realPath(work.pack);
  if (real === undefined) return ["sh", "-c", `exit ${MISSING_CODE}`];
  const slash = real.lastIndexOf("/");
  return ["tar", "-c", "-f", "-", "-C", real.slice(0, slash) || "/", "--", real.slice(slash + 1)];
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
