// Sends signals to a process and its descendants, where these are not a process group.

/**
 * Sends a signal to a process and all its descendants, as listed in /proc; without /proc only to
 * the process. Processes that have ended in the meantime are ignored.
 */
export function killTree(pid: number, signal: Deno.Signal): void {
  for (const member of [pid, ...descendants(pid)]) kill(member, signal);
}

/** Sends a signal to a process. Returns whether that succeeded. */
export function kill(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

function childrenOf(pid: number): number[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) =>
      Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`).split(" ").filter(Boolean)
        .map(Number)
    );
  } catch {
    return []; // it has ended, or there is no /proc
  }
}
