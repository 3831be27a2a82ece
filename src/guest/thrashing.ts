// Ends programs that make the machine thrash.

import { checked, openDevice } from "../libc/fd.ts";
import { libc } from "../libc/libc.ts";
import type { Loop } from "./loop.ts";

const PRESSURE = "/proc/pressure/memory";
const POLLPRI = 0x2; // poll.h
/** Microseconds in which all tasks wait for memory, and of the window (accounting/psi.rst). */
const TRIGGER = "full 3000000 5000000\0";

/** The key of "call the OOM killer" (admin-guide/sysrq.rst). */
const OOM_KEY = "f";

/**
 * Calls the OOM killer when the machine does hardly anything but reload memory. A machine without
 * swap that is full of a program's data can still drop that program's code, and reads it again from
 * disk at each step: the kernel takes that for progress, for minutes. Machines whose kernel has no
 * pressure stall information are left to that.
 *
 * Scanning a mapped file of five times the free memory, which is legitimate, stalls 18 % of the time.
 */
export function endThrashing(loop: Loop): void {
  try {
    const pressure = openDevice(PRESSURE);
    const trigger = new TextEncoder().encode(TRIGGER);
    const written = libc().write(pressure.number, trigger, BigInt(trigger.length));
    checked(Number(written), "watch for thrashing");
    loop.watch(pressure, POLLPRI, () => Deno.writeTextFileSync("/proc/sysrq-trigger", OOM_KEY));
  } catch {
    // a kernel without it works too
  }
}
