// Reads the memory of machines that this process has started from /proc.

/** The ids of the QEMU processes that are children of this one. */
export function qemuProcesses(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    const [, name, parent] = /^\d+ \((.*)\) \S+ (\d+)/s.exec(readText(`/proc/${pid}/stat`)) ?? [];
    return name?.startsWith("qemu-system") === true && Number(parent) === Deno.pid;
  });
}

/** The private memory of a process, in bytes: what it shares with no other. */
export function memoryOf(pid: number): number {
  const lines = readText(`/proc/${pid}/smaps_rollup`).matchAll(/^Private_\w+:\s+(\d+) kB/gm);
  return [...lines].reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // it has ended
  }
}
