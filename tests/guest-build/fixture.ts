// What the tests of the initrd have in common.

import { cmd } from "../../mod.ts";
import type { Kernel } from "../../src/kernels/find.ts";
import { KERNEL } from "../support/kernel.ts";

/** The kernel that tests boot, without its modules: its guest talks on the console. */
export const BARE_KERNEL: Kernel = {
  image: KERNEL,
  version: "6",
  arch: "x86_64",
  origin: "given",
  modules: [],
  sha256: "0".repeat(64),
};

/** Options for an initrd that asks no network for a denort. */
export const OFFLINE = { deno: { releases: "http://127.0.0.1:1" } } as const;

/** What is in an initrd: `name mode size`, sorted by cpio(1) as the archives have it, from all of them. */
export async function listInitrd(path: string): Promise<string[]> {
  const script = 'while cpio -itv --numeric-uid-gid 2>/dev/null; do :; done < "$1"';
  const lines = await cmd("sh", "-c", script, "sh", path).lines();
  return lines.filter((line) => line !== "");
}

/** What the console shows when an initrd is booted by hand, as the seed does, and runs a command. */
export async function bootByHand(initrd: string, ...argv: string[]): Promise<string> {
  const run = new TextEncoder().encode(JSON.stringify(argv)).toBase64();
  const append = `console=ttyS0 quiet panic=-1 rdinit=/init execvm.run=${run}`;
  return await cmd(
    ...[
      "qemu-system-x86_64",
      "-accel",
      "tcg",
      "-m",
      "512",
      "-display",
      "none",
      "-no-reboot",
    ] as const,
    ...["-nodefaults", "-serial", "stdio", "-kernel", KERNEL, "-initrd", initrd] as const,
    ...["-append", append] as const,
  ).text({ timeoutMs: 120_000 });
}
