// The memory of a template for a QEMU that may not open it for writing: of a cache that is read-only.

import { copySparse } from "../host/copy_sparse.ts";
import type { MemoryFile } from "./argv.ts";
import type { QemuUser } from "./privileges.ts";

/**
 * The memory by a path that QEMU can open for writing, which it wants even where what it writes is its own (before
 * 8.2 there is no other way): that of a clone is copied into `folder`, where only `user`, else we, may read it, if it
 * cannot be written to. It takes some 0.3 s, and as much disk as the template.
 *
 * @throws {Deno.errors} if it cannot be read, or copied.
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
    return false; // if it cannot be read either, who copies it says why
  }
}
