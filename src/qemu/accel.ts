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
  /** How the first boot with KVM went on this host; `undefined` before that. */
  readonly firstBoot: "ready" | "crawled" | undefined;
}

/** What to use. `why` is why it is not KVM, if it could have been. */
export interface AccelDecision {
  readonly accel: "kvm" | "tcg";
  readonly why?: string;
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
  const why = fault ?? (facts.firstBoot === "crawled" ? CRAWLED : undefined);
  return why === undefined ? { accel: "kvm" } : { accel: "tcg", why };
}

/** Why KVM is not used after a first boot with it that took too long. */
export const CRAWLED = "a first boot with KVM was not ready in time";

function faultOf({ kvm, isOpenToQemu }: AccelFacts): string | undefined {
  const fault = kvmFault(kvm)?.fact;
  if (fault !== undefined || isOpenToQemu) return fault;
  return "QEMU, which does not run as root, may not open /dev/kvm: give it a group of its own, mode 0660";
}
