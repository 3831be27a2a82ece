// Decides what runs the guest's instructions: KVM where it really works, else QEMU's emulation,
// TCG.

import type { KernelArch } from "../machine/architectures.ts";
import { type KvmFacts, kvmFault } from "./kvm_facts.ts";

/** The accelerator that the user asked for. */
export type WantedAccel = "auto" | "kvm" | "tcg";

/** What is known about KVM on a host, and about QEMU's access to it. */
export interface AccelFacts {
  readonly kvm: KvmFacts;
  /** Whether the user that QEMU runs as may open /dev/kvm. */
  readonly isOpenToQemu: boolean;
  /** How the first boot with KVM went on this host; `undefined` before it, and after it expires. */
  readonly firstBoot: FirstBoot | undefined;
}

/**
 * How a first boot with KVM went; `late`: it was not ready within its share of the time limit, and
 * emulation was not faster.
 */
export type FirstBoot = { readonly outcome: "ready" | "late" } | CrawledBoot;

/** The boot with KVM ran out of time, and the emulated boot after it was ready in less. */
export interface CrawledBoot {
  readonly outcome: "crawled";
  readonly kvmMs: number;
  readonly tcgMs: number;
  /** When KVM is tried again; ISO 8601. */
  readonly until: string;
}

/** The accelerator to use. */
export interface AccelDecision {
  readonly accel: "kvm" | "tcg";
  /** Why KVM is not used, where the user's choice would allow it. */
  readonly why?: string;
  /** Whether the only reason is the remembered result of an earlier boot. */
  readonly isRemembered?: boolean;
}

/**
 * Checks an accelerator from a command line or JSON.
 *
 * @throws {TypeError} if there is no such accelerator.
 */
export function checkAccel(wanted: string | undefined): void {
  if (wanted === undefined || ["auto", "kvm", "tcg"].includes(wanted)) return;
  const shown = JSON.stringify(wanted);
  throw new TypeError(`cannot use the accelerator ${shown}: it is not auto, kvm or tcg`);
}

/**
 * Chooses the accelerator. Pure.
 *
 * @param arch the guest's architecture; the host's by default
 * @throws {Error} if `wanted` is `kvm` and KVM cannot be used.
 */
export function decideAccel(
  wanted: WantedAccel,
  facts: AccelFacts,
  arch: KernelArch = facts.kvm.arch,
): AccelDecision {
  const isForeign = arch !== facts.kvm.arch;
  if (wanted === "tcg" || (wanted === "auto" && isForeign)) return { accel: "tcg" };
  const fault = isForeign
    ? `a processor of ${facts.kvm.arch} cannot run a guest of ${arch}`
    : faultOf(facts);
  if (wanted === "kvm") {
    if (fault !== undefined) throw new Error(`cannot use KVM: ${fault}`);
    return { accel: "kvm" };
  }
  const { firstBoot } = facts;
  if (fault !== undefined) return { accel: "tcg", why: fault };
  if (firstBoot?.outcome !== "crawled") return { accel: "kvm" };
  return { accel: "tcg", why: whyCrawled(firstBoot), isRemembered: true };
}

/** Why KVM is given up after a first boot that took this long. */
export function whyLate(kvmMs: number): string {
  return `a first boot with KVM was not ready in ${seconds(kvmMs)}`;
}

function whyCrawled({ kvmMs, tcgMs, until }: CrawledBoot): string {
  const emulated = `an emulated one was ready in ${seconds(tcgMs)}`;
  return `${whyLate(kvmMs)}, ${emulated}; KVM is tried again from ${until}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).replace(/\.0$/, "")} s`;
}

function faultOf({ kvm, isOpenToQemu }: AccelFacts): string | undefined {
  const fault = kvmFault(kvm)?.fact;
  if (fault !== undefined || isOpenToQemu) return fault;
  return "QEMU, which does not run as root, may not open /dev/kvm: give the device its own group, mode 0660";
}
