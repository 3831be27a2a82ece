// The command lines that unpack files of the host in the root, and pack some for it.

import { MISSING_CODE, type TarWork } from "../machine/protocol.ts";

/** The error for files of /proc and the like. */
const HIDDEN = "the kernel makes this file as it is read: copy its content to another file first";

/** Returns the argv for busybox. @throws {Error} if a path to pack cannot be reached. */
export function tarArgv(work: TarWork): readonly string[] {
  if ("unpack" in work) return ["tar", "-x", "-p", "-o", "-f", "-", "-C", work.unpack];
  const real = realPath(work.pack);
  if (real === undefined) return ["sh", "-c", `exit ${MISSING_CODE}`];
  if (hasHiddenContent(real)) return ["sh", "-c", `echo '${HIDDEN}' >&2; exit 1`];
  const slash = real.lastIndexOf("/");
  return ["tar", "-c", "-f", "-", "-C", real.slice(0, slash) || "/", "--", real.slice(slash + 1)];
}

/** Whether a file has content that its size, of 0, does not count: a tar would have none of it. */
function hasHiddenContent(path: string): boolean {
  const { isFile, size } = Deno.statSync(path);
  if (!isFile || size > 0) return false;
  try {
    using file = Deno.openSync(path);
    return (file.readSync(new Uint8Array(1)) ?? 0) > 0;
  } catch {
    return false; // tar reports it
  }
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
