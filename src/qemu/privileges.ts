// Runs QEMU as an unprivileged user when we are root, and gives it access to the files that it
// needs.

import type { Accelerator } from "./argv.ts";

/** The user that QEMU runs as. */
export interface QemuUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * nobody and nogroup, which own nothing: the same number on every Linux (kernel/sys.c,
 * overflowuid).
 */
const NOBODY = 65534;

const KVM_DEVICE = "/dev/kvm";

/** The mode bits that let others, or a group, read or enter. */
const READ = 0o4;
const ENTER = 0o1;

/**
 * The user to run QEMU as: nobody when we are root, in the group of /dev/kvm when it needs that;
 * else `undefined`, which is us. `Deno.Command` drops all other groups when it sets the user id,
 * and so all capabilities; QEMU's own sandbox sets no_new_privs.
 */
export function qemuUser(accel: Accelerator): QemuUser | undefined {
  if (Deno.uid() !== 0) return undefined;
  const gid = accel !== "tcg" ? groupOf(KVM_DEVICE) : undefined;
  return { uid: NOBODY, gid: gid ?? NOBODY };
}

/**
 * Whether the mode of /dev/kvm lets `user` open it. Without a user (us) it is not checked: true.
 */
export function mayOpenKvm(user: QemuUser | undefined): boolean {
  if (user === undefined) return true;
  if (groupOf(KVM_DEVICE) === user.gid) return true;
  try {
    return (Deno.statSync(KVM_DEVICE).mode! & 0o006) === 0o006;
  } catch {
    return false;
  }
}

/** The group of a file, if it may read and write it. Never root's, which may read too much else. */
function groupOf(path: string): number | undefined {
  try {
    const { gid, mode } = Deno.statSync(path);
    return gid !== null && gid !== 0 && (mode! & 0o060) === 0o060 ? gid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns a path by which `user` can read the file at `path`: the real path if everyone can read
 * it, else a link or a copy `name` in `folder`, which belongs to the user. Without a user: `path`.
 *
 * @throws {Deno.errors} if the file cannot be read or copied.
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
  await Deno.copyFile(real, granted); // shares blocks, if the file system supports that
  await Deno.chmod(granted, 0o400);
  await Deno.chown(granted, user.uid, user.gid);
  return granted;
}

/** Whether everyone may enter all folders on the way to a path. */
export async function isReachable(path: string): Promise<boolean> {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    if (!await mayAll(path.slice(0, end), ENTER)) return false;
  }
  return true;
}

/** Whether everyone has a right to a file. @param right mode bits of "others" */
async function mayAll(path: string, right: number): Promise<boolean> {
  return ((await Deno.stat(path)).mode! & right) === right;
}
