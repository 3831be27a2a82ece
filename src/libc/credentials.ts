// Runs code with the credentials of another user.

import { checked } from "./fd.ts";
import { libc } from "./libc.ts";

/** The user and groups that the kernel checks permissions of a process by. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, without `gid`. */
  readonly groups: readonly number[];
}

const ROOT: Credentials = { uid: 0, gid: 0, groups: [] };

// asm/unistd.h
const CALLS: Readonly<Record<string, { setgroups: bigint; setresuid: bigint; setresgid: bigint }>> =
  {
    x86_64: { setgroups: 116n, setresuid: 117n, setresgid: 119n },
    aarch64: { setgroups: 159n, setresuid: 147n, setresgid: 149n },
  };

/**
 * Calls `act` as another user; only root can. Programs that `act` starts cannot become root again:
 * the way back is the saved user id, which execve(2) overwrites. This makes raw system calls, which
 * change the calling thread only; the functions of the C library would change all threads.
 *
 * @param who `undefined` calls `act` with the credentials as they are
 * @throws {SystemError} if this process may not change its credentials
 * @throws whatever `act` throws
 */
export function runAs<T>(who: Credentials | undefined, act: () => T): T {
  if (who === undefined) return act();
  become(who, ["groups", "gid", "uid"]);
  try {
    return act();
  } finally {
    become(ROOT, ["uid", "gid", "groups"]);
  }
}

/** Changes the owner of an open file. @throws {SystemError} if this process may not. */
export function giveFd(fd: { readonly number: number }, { uid, gid }: Credentials): void {
  checked(libc().fchown(fd.number, uid, gid), "give a stream to its user");
}

function become(
  { uid, gid, groups }: Credentials,
  order: readonly ("groups" | "gid" | "uid")[],
): void {
  const { setgroups, setresuid, setresgid } = CALLS[Deno.build.arch]!;
  const steps = {
    groups() {
      const list = new Uint32Array(groups.length === 0 ? 1 : groups.length);
      list.set(groups);
      return libc().syscall_setgroups(setgroups, BigInt(groups.length), list);
    },
    gid: () => libc().syscall_setres(setresgid, BigInt(gid), BigInt(gid), 0n),
    uid: () => libc().syscall_setres(setresuid, BigInt(uid), BigInt(uid), 0n),
  };
  for (const step of order) checked(Number(steps[step]()), `become user ${uid} of group ${gid}`);
}
