// The configuration of a kernel: fragments beside this file, a topic each, joined.

import type { KernelArch } from "../machine/architectures.ts";
import { embedded } from "../self/embedded.ts";

/** The fragments of every kernel; that of its architecture comes last. */
const TOPICS = ["base", "virtio", "filesystems", "network"] as const;

/** The architectures that have a fragment. */
const ARCHITECTURES = ["x86_64", "aarch64"] as const satisfies readonly KernelArch[];

/**
 * All that is asked for, as one file for `KCONFIG_ALLCONFIG`.
 *
 * @throws {Error} if the fragments cannot be read.
 */
export async function kernelConfig(arch: KernelArch): Promise<string> {
  return (await Promise.all([...TOPICS, arch].map(readFragment))).join("\n");
}

/** All fragments, by topic, to be carried by a program that has no files beside it. */
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
    throw new Error(`Cannot configure a kernel as ${url} cannot be read`, { cause: error });
  }
}

/** The lines of a configuration that ask for something, as they stand in a `.config` that has it. */
export function requestedOptions(config: string): string[] {
  return config.split("\n").filter((line) => /^CONFIG_\w+=/.test(line));
}
