// Copies the memory of a template for a QEMU that may not open it for writing, as in a read-only
// cache.

import { copySparse } from "../host/copy_sparse.ts";
import type { MemoryFile } from "./argv.ts";
import type { QemuUser } from "./privileges.ts";

/**
 * Returns the memory file with a path that QEMU can open for writing, which it requires even for a
 * private mapping (always before 8.2). If the memory of a clone is not writable, it is copied into
 * `folder`, readable only by `user`, else by us; that takes some 0.3 s and as much disk space as
 * the template.
 *
 * @throws {Deno.errors} if it cannot be read or copied.
 */
export async function grantMemory(
  memory: MemoryFile,
  { folder, user }: { readonly folder: string; readonly user: QemuUser | undefined },
): Promise<MemoryFile> {
  if (memory.use !== "clone" || canWrite(memory.path)) return memory;
  const path = `${folder}/memory`;
  await copySparse(memory.path, path);
  if (user !== undefined) await Deno.chown(path, user.uid, user.gid);
  return { ...memory, path };
}

function canWrite(path: string): boolean {
  try {
    Deno.openSync(path, { write: true }).close();
    return true;
  } catch {
    return false; // if it cannot be read either, copying it reports why
  }
}
