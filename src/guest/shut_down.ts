// The end of a guest: nobody writes any more, and what was written is on its disks.

import { sendSignal } from "../libc/spawn.ts";
import { powerOff, remountReadOnly, sleep } from "../libc/system.ts";
import { removePlaces } from "./lent_files.ts";

/** How long a file system may be in use by processes that have been killed. */
const LIMIT_MS = 2000;
const POLL_MS = 10;

/** Ends all processes, leaves the disks in order, and switches the machine off. */
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

/** Where file systems on devices are mounted that may be written, the last one first. */
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

/** Makes it read-only, which its file system takes as an unmounting, if nobody writes there. */
function isReadOnly(target: string): boolean {
  try {
    remountReadOnly(target);
    return true;
  } catch {
    return false;
  }
}
