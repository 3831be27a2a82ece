// What the tests under an emulated KVM share.

import "../../support/test_cache.ts";
import { type Runner, vm, type VmOptions } from "../../../mod.ts";

/** A boot there takes most of a minute, a template some. */
export const BOOT_MS = 1_200_000;

/** Machines that insist on KVM. */
export const KVM = { accel: "kvm", bootTimeoutMs: BOOT_MS } as const satisfies VmOptions;

/** One that is booted and not cloned, as a template of its own would take longer. */
export function booted(options: VmOptions = {}): Runner {
  return vm({ ...KVM, template: false, ...options });
}

/** What Linux says that sees KVM below it. */
export const SEES_KVM = /Hypervisor detected: KVM/;
