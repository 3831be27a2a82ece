// Being another user for a while.

import { checked } from "./fd.ts";
import { libc } from "./libc.ts";

/** Who a process is for the kernel. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  /** Groups beside that one. */
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
 * Calls `act` as somebody else, which only root can. What it starts is theirs, with no way back: the kernel
 * keeps the id that leads back in a place that execve(2) clears. These are calls to the kernel itself, which
 * are about this thread; those of the C library would be about all threads.
 *
 * @throws {SystemError} if it may not. @throws what `act` does.
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

/** Gives an open file to somebody. @throws {SystemError} if it may not. */
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
  for (const step of order) checked(Number(steps[step]()), `be user ${uid} of group ${gid}`);
}
