// Builds the configuration of a kernel from the fragments in kernel/, one for each topic.

import type { KernelArch } from "../machine/architectures.ts";
import { embedded } from "../self/embedded.ts";

/** The fragments of every kernel; the one of its architecture follows. */
const TOPICS = ["base", "virtio", "filesystems", "network"] as const;

/** The architectures with a fragment. */
const ARCHITECTURES = ["x86_64", "aarch64"] as const satisfies readonly KernelArch[];

/**
 * Returns all fragments for an architecture as one file for `KCONFIG_ALLCONFIG`.
 *
 * @throws {Error} if the fragments cannot be read.
 */
export async function kernelConfig(arch: KernelArch): Promise<string> {
  return (await Promise.all([...TOPICS, arch].map(readFragment))).join("\n");
}

/** Returns all fragments by topic, for embedding in a single-file program. */
export async function kernelFragments(): Promise<Record<string, string>> {
  const topics = [...TOPICS, ...ARCHITECTURES];
  const texts = await Promise.all(topics.map(readFragment));
  return Object.fromEntries(topics.map((topic, index) => [topic, texts[index]!]));
}

async function readFragment(topic: string): Promise<string> {
  const carried = embedded()?.kernelConfigs[topic];
  if (carried !== undefined) return carried;
  const url = new URL(`../../kernel/${topic}.config`, import.meta.url);
  try {
    return await (await fetch(url)).text(); // it may have been imported from a server
  } catch (error) {
    throw new Error(`cannot configure a kernel: ${url} cannot be read`, { cause: error });
  }
}

/** Returns the lines of a configuration that enable options, as they appear in a `.config`. */
export function requestedOptions(config: string): string[] {
  return config.split("\n").filter((line) => /^CONFIG_\w+=/.test(line));
}
