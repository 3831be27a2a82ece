// Builds the kernel command line of a machine. Pure.

import { ARCHITECTURES, HOST_ARCH } from "../machine/architectures.ts";
import type { VmOptions } from "./options.ts";

const BASE_WORDS = ["quiet", "panic=-1", "rdinit=/init"] as const;

/**
 * Builds the kernel command line of a machine.
 *
 * @param kernelParams parameters that describe what is attached to it
 */
export function commandLine(
  { append, arch = HOST_ARCH }: VmOptions,
  kernelParams: readonly string[],
): string {
  const { console, kernelParams: own } = ARCHITECTURES[arch];
  const fixed = [`console=${console}`, ...BASE_WORDS, ...own];
  return [...fixed, ...kernelParams, ...(append === undefined ? [] : [append])].join(" ");
}
