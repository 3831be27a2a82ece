// Builds the kernel command line of a machine. Pure.

import { ARCHITECTURES, HOST_ARCH } from "../machine/architectures.ts";
import type { VmOptions } from "./options.ts";

const BASE_WORDS = ["panic=-1", "rdinit=/init"] as const;

/**
 * Builds the kernel command line of a machine.
 *
 * @param kernelParams parameters that describe what is attached to it
 */
export function commandLine(
  { append, arch = HOST_ARCH, console: shown }: VmOptions,
  kernelParams: readonly string[],
): string {
  const { console, kernelParams: own } = ARCHITECTURES[arch];
  const quiet = shown === undefined ? ["quiet"] : []; // else its messages belong to the console
  const fixed = [`console=${console}`, ...quiet, ...BASE_WORDS, ...own];
  return [...fixed, ...kernelParams, ...(append === undefined ? [] : [append])].join(" ");
}
