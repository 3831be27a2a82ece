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

/** What the guest's init reports when it cannot prepare the guest (src/guest/main.ts). */
const GUEST_FAILED = /^execvm: the guest cannot go on \(\w+\): (.+)$/m;

/** How a kernel refuses a module of another one (kernel/module/main.c, version.c). */
const REFUSED_MODULE = [
  /(\w+): (version magic '[^']*' should be '[^']*')/,
  /(\w+): (disagrees about version of symbol \w+)/,
] as const;
/** What the guest's init reports then: ENOEXEC, or for an unknown symbol ENOENT (insmod(8)). */
const MODULE_FAILED = /cannot load \S*\/(\w+)\.ko: (.+)$/;

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
  const failed = GUEST_FAILED.exec(consoleTail)?.[1];
  if (failed !== undefined) return whyModule(consoleTail, failed) ?? failed;
  if (phase === "run") return "the guest powered itself off";
  if (phase !== "boot" || consoleTail !== "") return undefined;
  return "it ended without any output: the kernel may be damaged, or not for this machine";
}

/** That a module is for another kernel, in the kernel's own words. */
function whyModule(consoleTail: string, failed: string): string | undefined {
  const [, module, fact] = MODULE_FAILED.exec(failed) ?? [];
  if (module === undefined) return undefined;
  const refused = REFUSED_MODULE.map((pattern) => pattern.exec(consoleTail))
    .find((found) => found !== null);
  const [, named = module, why] = refused ?? [];
  const exact = why === undefined ? fact : `${fact}: ${why}`;
  return `the modules do not fit the kernel: ${named}: ${exact}`;
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

/** Console lines that are shown of a panic: its trace, with what led to it. */
const PANIC_LINES = 40;

/** A stale entry of the stack, which may not be a call (arch/x86/kernel/dumpstack.c). */
const STALE_CALL = /^(\[ *[\d.]+\])?\s+\? /;

/** A call in a stack trace of the guest's init, which is in JavaScript. */
const SCRIPT_CALL = /^\s+at\s/;

/**
 * The last console lines that add to the reason: for a panic up to 40, as the kernel wrote them,
 * without stack traces of the guest's init, and if there are more without stale calls.
 *
 * @param most the maximum number of lines otherwise
 */
export function tellingLines(consoleTail: string, most: number): string {
  const lines = consoleTail.split("\n").filter((line) => !SCRIPT_CALL.test(line));
  if (hasPanicked(consoleTail)) {
    if (isKnown(consoleTail)) return "";
    const isLong = lines.length > PANIC_LINES;
    return lastLines(isLong ? lines.filter((line) => !STALE_CALL.test(line)) : lines, PANIC_LINES);
  }
  if (GUEST_FAILED.test(consoleTail) || whyRefused(consoleTail) !== undefined) return "";
  return lastLines(lines, most);
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
