// Signals for a process and everything below it, where they are no group of their own.

/**
 * Sends a signal to a process and all its descendants, as /proc lists them. Elsewhere than on
 * Linux only to the process. One that has ended meanwhile is passed over.
 */
export function killTree(pid: number, signal: Deno.Signal): void {
  for (const member of [pid, ...descendants(pid)]) kill(member, signal);
}

/** Sends a signal; whether there was somebody to take it. */
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
