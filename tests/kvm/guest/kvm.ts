// The common options of the tests with an emulated KVM.

import "../../support/test_cache.ts";
import { type Runner, vm, type VmOptions } from "../../../mod.ts";

/** A boot there takes most of a minute, a template several minutes. */
export const BOOT_MS = 1_200_000;

/** The options of machines that require KVM. */
export const KVM = { accel: "kvm", bootTimeoutMs: BOOT_MS } as const satisfies VmOptions;

/**
 * Returns a runner whose machines are booted, not cloned, as building a template would take longer.
 */
export function booted(options: VmOptions = {}): Runner {
  return vm({ ...KVM, template: false, ...options });
}

/** What Linux prints if it runs on KVM. */
export const SEES_KVM = /Hypervisor detected: KVM/;
