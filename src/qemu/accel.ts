// What runs the guest's instructions: KVM where it truly works, else QEMU's own emulation, TCG.

import type { KernelArch } from "../machine/architectures.ts";
import { type KvmFacts, kvmFault } from "./kvm_facts.ts";

/** What the user wants. */
export type WantedAccel = "auto" | "kvm" | "tcg";

/** What is known of KVM on a machine, and for QEMU there. */
export interface AccelFacts {
  readonly kvm: KvmFacts;
  /** Whether the user that QEMU runs as may open /dev/kvm. */
  readonly isOpenToQemu: boolean;
  /** How the first boot with KVM went on this host; `undefined` before that, and once it is forgotten. */
  readonly firstBoot: FirstBoot | undefined;
}

/** How a first boot with KVM went; `late`: it was not ready in its part of the time, and emulation was not quicker. */
export type FirstBoot = { readonly outcome: "ready" | "late" } | CrawledBoot;

/** It was not ready in the time that it had, and the emulated one that followed was, in less. */
export interface CrawledBoot {
  readonly outcome: "crawled";
  readonly kvmMs: number;
  readonly tcgMs: number;
  /** Until when KVM is not tried; ISO 8601. */
  readonly until: string;
}

/** What to use. */
export interface AccelDecision {
  readonly accel: "kvm" | "tcg";
  /** Why it is not KVM, if it could have been. */
  readonly why?: string;
  /** Whether that is only so because a first boot is remembered. */
  readonly isRemembered?: boolean;
}

/** Checks what may come from a command line or JSON. @throws {TypeError} if there is no such accelerator. */
export function checkAccel(wanted: string | undefined): void {
  if (wanted === undefined || ["auto", "kvm", "tcg"].includes(wanted)) return;
  const shown = JSON.stringify(wanted);
  throw new TypeError(`Cannot use the accelerator ${shown} as it is none of auto, kvm and tcg`);
}

/**
 * Decides. Pure.
 *
 * @param arch what the guest is of; default: what the machine is of
 * @throws {Error} if `wanted` insists on KVM and there is none.
 */
export function decideAccel(
  wanted: WantedAccel,
  facts: AccelFacts,
  arch: KernelArch = facts.kvm.arch,
): AccelDecision {
  const isForeign = arch !== facts.kvm.arch;
  if (wanted === "tcg" || (wanted === "auto" && isForeign)) return { accel: "tcg" };
  const fault = isForeign
    ? `a processor of ${facts.kvm.arch} runs no guest of ${arch}`
    : faultOf(facts);
  if (wanted === "kvm") {
    if (fault !== undefined) throw new Error(`Cannot use KVM as ${fault}`);
    return { accel: "kvm" };
  }
  const { firstBoot } = facts;
  if (fault !== undefined) return { accel: "tcg", why: fault };
  if (firstBoot?.outcome !== "crawled") return { accel: "kvm" };
  return { accel: "tcg", why: whyCrawled(firstBoot), isRemembered: true };
}

/** Why KVM is given up that has had so long for a first boot. */
export function whyLate(kvmMs: number): string {
  return `a first boot with KVM was not ready in ${seconds(kvmMs)}`;
}

function whyCrawled({ kvmMs, tcgMs, until }: CrawledBoot): string {
  const emulated = `an emulated one was in ${seconds(tcgMs)}`;
  return `${whyLate(kvmMs)}, ${emulated}; KVM is tried again from ${until}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).replace(/\.0$/, "")} s`;
}

function faultOf({ kvm, isOpenToQemu }: AccelFacts): string | undefined {
  const fault = kvmFault(kvm)?.fact;
  if (fault !== undefined || isOpenToQemu) return fault;
  return "QEMU, which does not run as root, may not open /dev/kvm: give it a group of its own, mode 0660";
}
