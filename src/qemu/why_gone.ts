// Explains why a machine has ended, from its console output and QEMU's exit. Pure.

/** How QEMU exited. */
export interface QemuEnd extends Pick<Deno.CommandStatus, "code" | "signal"> {
  /** Whether the OOM killer of this host has killed it. */
  readonly isOomKilled?: boolean;
}

/** What a kernel prints when it runs out of memory (mm/oom_kill.c, init/initramfs.c). */
const OUT_OF_MEMORY =
  /Out of memory|deadlocked on memory|page allocation failure|Initramfs unpacking failed: write error/;

/**
 * What it prints when the initrd has no init, or cannot be unpacked (init/do_mounts.c,
 * init/main.c).
 */
const NO_INIT = /Unable to mount root fs|No working init found|Initramfs unpacking failed/;

/** kernel/panic.c */
const PANIC = /Kernel panic - not syncing: (.*)/;

/** A kernel message, which has a time by default; messages of the guest's init have none. */
const KERNEL_LINE = /^(<\d+>)?\[ *\d+\.\d+\]/;

/**
 * QEMU's errors for sizes and files that it refuses, and what to report (hw/core/machine-smp.c,
 * hw/i386/pc.c, backends, softmmu/physmem.c).
 */
const REFUSALS: readonly (readonly [RegExp, (found: string) => string])[] = [
  [
    /max CPUs supported by machine '[^']*' is (\d+)/,
    (most) => `its machine type has at most ${most} processors`,
  ],
  [
    /phys-bits too low \((\d+)\)/,
    (bits) => `its processor has addresses of ${bits} bits, too few for so much memory`,
  ],
  [
    /(?:cannot set up guest memory|unable to map backing store).*Cannot allocate memory/,
    () => "this machine does not have that much memory",
  ],
  [/unsupported machine type/i, () => "QEMU has no such machine type"],
  // hw/i386/x86.c: it takes any other file for a kernel of 1995
  [
    /kernel too old to load|invalid kernel header/,
    () => "the kernel file is not a kernel, or is damaged",
  ],
];

/** The reason as a clause, such as "the guest panicked (..)"; `undefined` if it is not known. */
export function whyGone(
  consoleTail: string,
  end: QemuEnd | undefined,
  phase: string,
): string | undefined {
  const panic = PANIC.exec(consoleTail)?.[1]?.trim();
  if (panic !== undefined) return `${whyPanicked(consoleTail)} (${panic})`;
  if (end?.isOomKilled === true) return "QEMU exceeded its memory limit and was killed";
  if (typeof end?.signal === "string") return `QEMU was killed by ${end.signal}`;
  if (end === undefined) return undefined;
  if (end.code !== 0) return whyRefused(consoleTail) ?? `QEMU exited with code ${end.code}`;
  if (phase === "run") return "the guest powered itself off";
  if (phase !== "boot" || consoleTail !== "") return undefined;
  return "it ended without any output: the kernel may be damaged, or not for this machine";
}

/** Whether the console shows a panic. */
export function hasPanicked(consoleTail: string): boolean {
  return PANIC.test(consoleTail);
}

/** Why QEMU has not started a machine, if that is known. */
function whyRefused(tail: string): string | undefined {
  for (const [pattern, why] of REFUSALS) {
    const found = pattern.exec(tail);
    if (found !== null) return why(found[1] ?? "");
  }
  return undefined;
}

/**
 * The last console lines that add to the reason. For a panic: what the guest's init wrote before
 * it, such as a stack trace; else the running process and the calls of the kernel's own trace,
 * without stale stack entries, registers and addresses.
 *
 * @param most the maximum number of lines
 */
export function tellingLines(consoleTail: string, most: number): string {
  const panic = PANIC.exec(consoleTail);
  if (panic === null) {
    return whyRefused(consoleTail) === undefined ? lastLines(consoleTail.split("\n"), most) : "";
  }
  const before = consoleTail.slice(0, panic.index).split("\n").slice(0, -1);
  const own = before.filter((line) => line !== "" && !KERNEL_LINE.test(line));
  if (own.length > 0) return lastLines(own, most);
  return isKnown(consoleTail) ? "" : kernelTrace(consoleTail).slice(0, most).join("\n");
}

/**
 * Kernel lines that name a fault and the running process (lib/dump_stack.c, arch/x86/mm/fault.c,
 * arch/arm64/mm/fault.c).
 */
const FAULT_LINE = /^(BUG: |Unable to handle |general protection fault|Oops: |CPU: \d+ .*Comm: )/;

/** A call of a trace (arch/x86/kernel/dumpstack.c); stale stack entries start with a `?`. */
const CALL_LINE = /^ *[\w.]+\+0x[0-9a-f]+\/0x[0-9a-f]+/;

/** The kernel lines that show where it was, without their times; of the first trace only. */
function kernelTrace(consoleTail: string): readonly string[] {
  const lines = consoleTail.split("\n").filter((line) => KERNEL_LINE.test(line))
    .map((line) => line.replace(KERNEL_LINE, "").trimEnd().replace(/^ /, ""));
  const start = lines.findIndex((line) => /^Call [Tt]race:/.test(line));
  if (start < 0) return lines.filter((line) => FAULT_LINE.test(line));
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^(<\/TASK>|RIP: |---\[)/.test(line.trim()));
  const calls = rest.slice(0, end < 0 ? undefined : end).filter((line) => CALL_LINE.test(line));
  return [...lines.slice(0, start).filter((line) => FAULT_LINE.test(line)), ...calls];
}

/** Whether the reason needs no further lines. */
function isKnown(consoleTail: string): boolean {
  return OUT_OF_MEMORY.test(consoleTail) || NO_INIT.test(consoleTail);
}

function lastLines(lines: readonly string[], most: number): string {
  return lines.slice(-most).join("\n");
}

function whyPanicked(consoleTail: string): string {
  if (OUT_OF_MEMORY.test(consoleTail)) return "the guest ran out of memory: give it more";
  if (NO_INIT.test(consoleTail)) return "the guest found no init: the initrd may be damaged";
  return "the guest panicked";
}
