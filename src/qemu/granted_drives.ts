// Makes drives accessible to a QEMU that runs as another user and, without FFI, cannot be passed
// descriptors.

import type { Drive } from "../disks/drives.ts";
import { findLibc } from "../libc/libc.ts";
import { MachineError } from "../machine/machine_error.ts";
import { grantAccess, isReachable, type QemuUser } from "./privileges.ts";

/** The mode bits that let everyone read and write. */
const READ_AND_WRITE = 0o6;

/**
 * Returns the drives with paths that `user` can open. With FFI, or without a user, they are
 * returned unchanged: QEMU is then passed descriptors, or runs as us. A read-only file is linked or
 * copied into `folder` if need be. A writable one must be the file itself: it may be linked, and
 * its mode must let `user` write.
 *
 * @throws {MachineError} if a drive cannot be opened by that user.
 */
export async function grantDrives(
  drives: readonly Drive[] = [],
  { folder, user }: { readonly folder: string; readonly user: QemuUser | undefined },
): Promise<readonly Drive[]> {
  if (user === undefined || findLibc() !== undefined) return drives;
  return await Promise.all(drives.map(async (drive) => {
    const name = `drive-${drive.name}`;
    const file = drive.write
      ? await grantWriting(drive, { path: `${folder}/${name}`, user })
      : await grantAccess(drive.file, { folder, name, user });
    return { ...drive, file };
  }));
}

/** @param path where a link to the file may be made */
async function grantWriting(
  { file, isScratch }: Drive,
  { path, user }: { readonly path: string; readonly user: QemuUser },
): Promise<string> {
  const real = await Deno.realPath(file);
  if (isScratch === true) await Deno.chown(real, user.uid, user.gid); // only this run uses it
  const { mode, uid } = await Deno.stat(real);
  const mayWrite = uid === user.uid || (mode! & READ_AND_WRITE) === READ_AND_WRITE;
  if (mayWrite && await isReachable(real)) return real;
  if (mayWrite && await Deno.link(real, path).then(() => true, () => false)) return path;
  throw new MachineError(
    `cannot write to the drive ${file}: QEMU runs as user ${user.uid} (nobody), who may not; ` +
      "with --allow-ffi it is passed the open file",
    "start",
    [],
    "",
  );
}
