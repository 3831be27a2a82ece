// The disk of a run: what was written is on it before the host is told that the run is over.

import { sendSignal } from "../libc/spawn.ts";
import { sync } from "../libc/system.ts";
import type { ExitReport } from "../machine/protocol.ts";
import { give, type User } from "./user.ts";

const WORKSPACE = "/workspace";

let isUsed = false;

/** There is one, from now on. */
export function useWorkspace(): void {
  isUsed = true;
}

/** Has it belong to who works there. */
export function ownWorkspace(user: User | undefined): void {
  if (isUsed) give(WORKSPACE, user);
}

/** Begins a run; what is returned ends it, and tells of it. Without a workspace that is nothing. */
export function beginRun(): () => ExitReport {
  if (!isUsed) return () => ({});
  const before = oomKills();
  return () => {
    sendSignal(-1, "SIGKILL"); // whatever the command has left would go on writing
    sync();
    const after = oomKills();
    return before === undefined || after === undefined ? {} : { oomKills: after - before };
  };
}

/** How many processes the kernel has killed for want of memory (proc(5)); unknown if /proc is no more. */
function oomKills(): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(Deno.readTextFileSync("/proc/vmstat"))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
