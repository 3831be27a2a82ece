// Shuts a guest down: kills all processes, flushes the disks, powers off.

import { sendSignal } from "../libc/spawn.ts";
import { powerOff, remountReadOnly, sleep } from "../libc/system.ts";
import { removePlaces } from "./lent_files.ts";

/** How long killed processes may keep a file system in use. */
const LIMIT_MS = 2000;
const POLL_MS = 10;

/** Kills all processes, leaves the file systems clean, and powers the machine off. */
export function shutDown(): void {
  sendSignal(-1, "SIGKILL");
  removePlaces();
  const end = Date.now() + LIMIT_MS;
  for (const target of writtenMounts()) {
    while (!isReadOnly(target) && Date.now() < end) {
      sleep(POLL_MS);
    }
  }
  powerOff();
}

/** The mount points of writable file systems on devices, the last mounted first. */
function writtenMounts(): string[] {
  // fstab(5): device, mount point, type, options; with blanks as \040
  const lines = Deno.readTextFileSync("/proc/mounts").split("\n").map((line) => line.split(" "));
  return lines.filter(([device, , , options]) =>
    device!.startsWith("/dev/") && options?.split(",").includes("rw")
  ).map(([, target]) => decode(target!)).reverse();
}

function decode(word: string): string {
  return word.replaceAll(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}

/** Remounts it read-only, which marks it clean; false if it is still written to. */
function isReadOnly(target: string): boolean {
  try {
    remountReadOnly(target);
    return true;
  } catch {
    return false;
  }
}
