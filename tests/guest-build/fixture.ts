// Helpers for the tests of the initrd.

import { cmd } from "../../mod.ts";
import type { Kernel } from "../../src/kernels/find.ts";
import { KERNEL } from "../support/kernel.ts";

/** The kernel that tests boot, without its modules: its guest runs on the console. */
export const BARE_KERNEL: Kernel = {
  id: "6-x86_64-given-0",
  image: KERNEL,
  version: "6",
  arch: "x86_64",
  origin: "given",
  modules: [],
  sha256: "0".repeat(64),
};

/** Options for an initrd that does not fetch a denort. */
export const OFFLINE = { deno: { releases: "http://127.0.0.1:1" } } as const;

/** The entries of an initrd: `name mode size`, in cpio(1)'s order, of all its archives. */
export async function listInitrd(path: string): Promise<string[]> {
  const script = 'while cpio -itv --numeric-uid-gid 2>/dev/null; do :; done < "$1"';
  const lines = await cmd("sh", "-c", script, "sh", path).lines();
  return lines.filter((line) => line !== "");
}

/** The console output of an initrd that is booted by hand and runs a command. */
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
