// Orphans come to the first process, which has to wait for them or they stay as zombies.

import { reapOrphans } from "../libc/spawn.ts";

/** Reaps whatever process ends and is none that we have started ourselves. */
export function startReaper(): void {
  Deno.addSignalListener("SIGCHLD", reapOrphans);
}
