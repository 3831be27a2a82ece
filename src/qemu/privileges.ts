// What QEMU may do on this machine: as a user without rights when we are root, and access to the files it needs.

import type { Accelerator } from "./argv.ts";

/** The user that QEMU runs as. */
export interface QemuUser {
  readonly uid: number;
  readonly gid: number;
}

/** nobody and nogroup, which own nothing: the same numbers on Linux everywhere (kernel/sys.c, overflowuid). */
const NOBODY = 65534;

const KVM_DEVICE = "/dev/kvm";

/** The mode bits that let others, or a group, read or enter. */
const READ = 0o4;
const ENTER = 0o1;

/**
 * Whom QEMU is to run as: nobody when we are root, in the group of /dev/kvm when it needs that; else us,
 * `undefined`. `Deno.Command` drops all other groups with the user id, and with it all capabilities; QEMU's
 * own sandbox sets no_new_privs.
 */
export function qemuUser(accel: Accelerator): QemuUser | undefined {
  if (Deno.uid() !== 0) return undefined;
  const gid = accel !== "tcg" ? groupOf(KVM_DEVICE) : undefined;
  return { uid: NOBODY, gid: gid ?? NOBODY };
}

/** Whether `user` may open /dev/kvm, as its mode says. Without a user, who is then us, that is not looked at. */
export function mayOpenKvm(user: QemuUser | undefined): boolean {
  if (user === undefined) return true;
  if (groupOf(KVM_DEVICE) === user.gid) return true;
  try {
    return (Deno.statSync(KVM_DEVICE).mode! & 0o006) === 0o006;
  } catch {
    return false;
  }
}

/** The group that may use a file, if it may. Never root's: that may read too much. */
function groupOf(path: string): number | undefined {
  try {
    const { gid, mode } = Deno.statSync(path);
    return gid !== null && gid !== 0 && (mode! & 0o060) === 0o060 ? gid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A path by which `user` can read the file at `path`: itself if it is open to all, else that of a link or
 * a copy, named `name`, in `folder`, which belongs to the user. Without a user: itself.
 *
 * @throws {Deno.errors} if it cannot be read or copied.
 */
export async function grantAccess(
  path: string,
  { folder, name, user }: { folder: string; name: string; user: QemuUser | undefined },
): Promise<string> {
  if (user === undefined) return path;
  const real = await Deno.realPath(path);
  const readable = await mayAll(real, READ);
  if (readable && await isReachable(real)) return real;
  const granted = `${folder}/${name}`;
  // A link has the mode of the file, which is not ours to change.
  const linked = readable && await Deno.link(real, granted).then(() => true, () => false);
  if (linked) return granted;
  await Deno.copyFile(real, granted); // on the same disk it shares blocks where the file system can
  await Deno.chmod(granted, 0o400);
  await Deno.chown(granted, user.uid, user.gid);
  return granted;
}

/** Whether everybody may enter all folders that a path goes through. */
export async function isReachable(path: string): Promise<boolean> {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    if (!await mayAll(path.slice(0, end), ENTER)) return false;
  }
  return true;
}

/** Whether everybody has that right on a file. */
async function mayAll(path: string, right: number): Promise<boolean> {
  return ((await Deno.stat(path)).mode! & right) === right;
}
