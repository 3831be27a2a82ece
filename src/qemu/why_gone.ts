// Why a machine has ended, from what it printed and how QEMU ended. Pure.

/** How QEMU ended, if it has. */
export interface QemuEnd extends Pick<Deno.CommandStatus, "code" | "signal"> {
  /** Whether the kernel of this machine has killed it for want of memory. */
  readonly isOomKilled?: boolean;
}

/** What a kernel prints as it runs out of memory (mm/oom_kill.c, init/initramfs.c). */
const OUT_OF_MEMORY =
  /Out of memory|deadlocked on memory|page allocation failure|Initramfs unpacking failed: write error/;

/** What it prints when the initrd has nothing to start, or cannot be unpacked (init/do_mounts.c, init/main.c). */
const NO_INIT = /Unable to mount root fs|No working init found|Initramfs unpacking failed/;

/** kernel/panic.c */
const PANIC = /Kernel panic - not syncing: (.*)/;

/** The reason as a clause, "the guest panicked (...)"; `undefined` if nothing tells of one. */
export function whyGone(
  consoleTail: string,
  end: QemuEnd | undefined,
  phase: string,
): string | undefined {
  const panic = PANIC.exec(consoleTail)?.[1]?.trim();
  if (panic !== undefined) return `${whyPanicked(consoleTail)} (${panic})`;
  if (end?.isOomKilled === true) return "QEMU used more memory than it may, and was killed";
  if (typeof end?.signal === "string") return `QEMU was killed by ${end.signal}`;
  if (end === undefined) return undefined;
  if (end.code !== 0) return `QEMU exited with code ${end.code}`;
  if (phase === "run") return "the guest switched itself off";
  if (phase !== "boot" || consoleTail !== "") return undefined;
  return "it ended without a word: the kernel may be damaged, or not for this machine";
}

/** Whether the console shows a panic, so that its last lines are registers and addresses. */
export function hasPanicked(consoleTail: string): boolean {
  return PANIC.test(consoleTail);
}

function whyPanicked(consoleTail: string): string {
  if (OUT_OF_MEMORY.test(consoleTail)) return "the guest ran out of memory, raise memoryMib";
  if (NO_INIT.test(consoleTail)) return "the guest found no init, the initrd may be damaged";
  return "the guest panicked";
}
