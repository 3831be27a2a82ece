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

/** A line of the kernel, whose times are on by default; the guest's first process writes without. */
const KERNEL_LINE = /^(<\d+>)?\[ *\d+\.\d+\]/;

/** What QEMU says of numbers that it cannot take (hw/core/machine-smp.c, hw/i386/pc.c, backends, softmmu/physmem.c). */
const REFUSALS: readonly (readonly [RegExp, (found: string) => string])[] = [
  [
    /max CPUs supported by machine '[^']*' is (\d+)/,
    (most) => `its machine type has ${most} processors at the most`,
  ],
  [
    /phys-bits too low \((\d+)\)/,
    (bits) => `its processor has addresses of ${bits} bits, too few for so much memory`,
  ],
  [
    /(?:cannot set up guest memory|unable to map backing store).*Cannot allocate memory/,
    () => "this machine has not so much memory",
  ],
  [/unsupported machine type/i, () => "QEMU has no such machine type"],
  // hw/i386/x86.c: of what is no kernel it thinks that it is one of 1995
  [/kernel too old to load|invalid kernel header/, () => "its kernel is none, or damaged"],
];

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
  if (end.code !== 0) return whyRefused(consoleTail) ?? `QEMU exited with code ${end.code}`;
  if (phase === "run") return "the guest switched itself off";
  if (phase !== "boot" || consoleTail !== "") return undefined;
  return "it ended without a word: the kernel may be damaged, or not for this machine";
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
 * The last lines of a console that say more than the reason does. Of a panic those are what the guest's own process
 * wrote before it, such as a trace; else who ran, and the calls of the kernel's own trace, without what may be on its
 * stack from before, registers and addresses.
 *
 * @param most how many lines
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

/** What tells of a fault in the kernel, and of who ran (lib/dump_stack.c, arch/x86/mm/fault.c, arch/arm64/mm/fault.c). */
const FAULT_LINE = /^(BUG: |Unable to handle |general protection fault|Oops: |CPU: \d+ .*Comm: )/;

/** A call of a trace (arch/x86/kernel/dumpstack.c); a `?` stands before what was merely on the stack. */
const CALL_LINE = /^ *[\w.]+\+0x[0-9a-f]+\/0x[0-9a-f]+/;

/** The lines of the kernel that tell where it was, without their times; of the first trace only. */
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

/** Whether the reason says all that there is to say. */
function isKnown(consoleTail: string): boolean {
  return OUT_OF_MEMORY.test(consoleTail) || NO_INIT.test(consoleTail);
}

function lastLines(lines: readonly string[], most: number): string {
  return lines.slice(-most).join("\n");
}

function whyPanicked(consoleTail: string): string {
  if (OUT_OF_MEMORY.test(consoleTail)) return "the guest ran out of memory, give it more";
  if (NO_INIT.test(consoleTail)) return "the guest found no init, the initrd may be damaged";
  return "the guest panicked";
}
