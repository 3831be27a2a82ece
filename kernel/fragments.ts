// The configuration of a kernel: fragments beside this file, a topic each, joined.

import type { KernelArch } from "../src/vm/kernel.ts";

/** The fragments of every kernel; that of its architecture comes last. */
const TOPICS = ["base", "virtio", "filesystems", "network"] as const;

/**
 * All that is asked for, as one file for `KCONFIG_ALLCONFIG`.
 *
 * @throws {Error} if the fragments are not beside this file, as in an execvm that is one file.
 */
export async function kernelConfig(arch: KernelArch): Promise<string> {
  const texts = [...TOPICS, arch].map(async (topic) => {
    const url = new URL(`${topic}.config`, import.meta.url);
    try {
      return await (await fetch(url)).text(); // it may have been imported from a server
    } catch (error) {
      throw new Error(
        `Cannot configure a kernel as ${url} cannot be read: run execvm from its sources`,
        { cause: error },
      );
    }
  });
  return (await Promise.all(texts)).join("\n");
}

/** The lines of a configuration that ask for something, as they stand in a `.config` that has it. */
export function requestedOptions(config: string): string[] {
  return config.split("\n").filter((line) => /^CONFIG_\w+=/.test(line));
}
