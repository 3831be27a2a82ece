// Mounts the file systems that every program expects.

import { type Mount, mount } from "../libc/system.ts";

const KERNEL: readonly Mount[] = [
  { source: "proc", target: "/proc", type: "proc" },
  { source: "sysfs", target: "/sys", type: "sysfs" },
  { source: "devtmpfs", target: "/dev", type: "devtmpfs" },
];

const REST: readonly Mount[] = [
  { source: "devpts", target: "/dev/pts", type: "devpts", options: "gid=5,mode=620,ptmxmode=666" },
  { source: "tmpfs", target: "/dev/shm", type: "tmpfs", options: "mode=1777" },
  { source: "tmpfs", target: "/run", type: "tmpfs", options: "mode=755" },
  { source: "tmpfs", target: "/tmp", type: "tmpfs", options: "mode=1777" },
];

/** Links in /dev that the kernel does not make. */
const LINKS: readonly (readonly [string, string])[] = [
  ["/proc/self/fd", "/dev/fd"],
  ["/proc/self/fd/0", "/dev/stdin"],
  ["/proc/self/fd/1", "/dev/stdout"],
  ["/proc/self/fd/2", "/dev/stderr"],
  ["pts/ptmx", "/dev/ptmx"],
];

/** Mounts them all in the current root. @throws {SystemError} if one cannot be mounted. */
export function mountAll(): void {
  for (const entry of [...KERNEL, ...REST]) {
    Deno.mkdirSync(entry.target, { recursive: true });
    mount(entry);
  }
  for (const [target, path] of LINKS) link(target, path);
}

function link(target: string, path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // it does not exist, as on most kernels
  }
  Deno.symlinkSync(target, path);
}
