// Determines whether KVM can be used here. /dev/kvm alone is not enough: nested hosts may have it
// without VT-x or SVM, accept every call and then run very slowly.

import type { CheckResult } from "../host/check_result.ts";
import { HOST_ARCH, type KernelArch } from "../machine/architectures.ts";

/** What is known about KVM on a host. */
export interface KvmFacts {
  readonly arch: KernelArch;
  /** The result of opening /dev/kvm for reading and writing. */
  readonly device: "opens" | "absent" | "forbidden" | "broken";
  /** Whether the CPU flags in /proc/cpuinfo include vmx or svm. */
  readonly cpuFlag: boolean;
  /** Whether /sys/module has kvm_intel or kvm_amd: loaded, or built into the kernel. */
  readonly module: boolean;
}

/** Reads the facts of this host. */
export function readKvmFacts(): KvmFacts {
  return {
    arch: HOST_ARCH,
    device: tryDevice("/dev/kvm"),
    cpuFlag: /^flags\s*:.*\b(vmx|svm)\b/m.test(readText("/proc/cpuinfo")),
    module: ["kvm_intel", "kvm_amd"].some((name) => isThere(`/sys/module/${name}`)),
  };
}

/** Why KVM cannot be used, and what to do about it. */
export interface KvmFault {
  readonly fact: string;
  readonly advice: string;
}

const FIRMWARE = "Turn virtualization on in the firmware, or nested virtualization on the host";

/** Why KVM cannot be used; undefined if it can. */
export function kvmFault({ arch, device, cpuFlag, module }: KvmFacts): KvmFault | undefined {
  switch (device) {
    case "absent": {
      const fact = "there is no /dev/kvm";
      const canLoad = arch === "x86_64" && cpuFlag;
      return { fact, advice: canLoad ? "As root, run: modprobe -a kvm_intel kvm_amd" : FIRMWARE };
    }
    case "forbidden": {
      const fact = "/dev/kvm exists, but you may not open it";
      return { fact, advice: "As root, run: usermod -aG kvm USER, and log in again" };
    }
    case "broken":
      return { fact: "/dev/kvm exists, but cannot be opened", advice: FIRMWARE };
    case "opens":
      if (arch !== "x86_64" || (cpuFlag && module)) return undefined; // only x86 has such flags
  }
  const why = cpuFlag
    ? "neither kvm_intel nor kvm_amd is loaded"
    : "the processor has neither vmx (VT-x) nor svm (SVM)";
  return { fact: `/dev/kvm opens but does not work, as ${why}`, advice: FIRMWARE };
}

/** The result as a line of `execvm doctor`. */
export function kvmCheckResult(facts: KvmFacts): CheckResult {
  const what = "KVM";
  const fault = kvmFault(facts);
  if (fault === undefined) return { state: "ok", what, fact: "/dev/kvm can be used" };
  const fact = `${fault.fact}; QEMU emulates the processor, which is slower`;
  return { state: "warn", what, fact, advice: fault.advice };
}

function tryDevice(path: string): KvmFacts["device"] {
  try {
    Deno.openSync(path, { read: true, write: true }).close();
    return "opens";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "absent";
    const isForbidden = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotCapable;
    return isForbidden ? "forbidden" : "broken";
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
