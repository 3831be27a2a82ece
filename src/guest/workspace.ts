// Flushes the disk of a run before its end is reported to the host.

import { sendSignal } from "../libc/spawn.ts";
import { sync } from "../libc/system.ts";
import type { ExitReport } from "../machine/protocol.ts";
import { give, type User } from "./user.ts";

const WORKSPACE = "/workspace";

let isUsed = false;

/** Records that this machine has a workspace. */
export function useWorkspace(): void {
  isUsed = true;
}

/** Makes the user of the run the owner of the workspace. */
export function ownWorkspace(user: User | undefined): void {
  if (isUsed) give(WORKSPACE, user);
}

/**
 * Begins a run; the returned function ends it, flushes the disk and reports on it. Without a
 * workspace it does nothing.
 */
export function beginRun(): () => ExitReport {
  if (!isUsed) return () => ({});
  const before = oomKills();
  return () => {
    sendSignal(-1, "SIGKILL"); // processes that the command has left would go on writing
    sync();
    const after = oomKills();
    return before === undefined || after === undefined ? {} : { oomKills: after - before };
  };
}

/** How many processes the OOM killer has killed (proc(5)); undefined if /proc is gone. */
function oomKills(): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(Deno.readTextFileSync("/proc/vmstat"))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
