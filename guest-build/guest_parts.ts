// What a guest is put together from, beside its kernel's modules: of this machine, or fetched for another
// architecture.

import type { Kernel } from "../src/kernels/find.ts";
import { isNative } from "../src/machine/architectures.ts";
import { ensureBusybox } from "./busybox.ts";
import type { DenoPlaces } from "./denort.ts";
import { ensureForeignParts } from "./foreign_parts.ts";
import {
  bundleGuest,
  type GuestKind,
  guestKind,
  type GuestProgram,
  makeGuest,
} from "./guest_program.ts";

/** What parts are wanted for, and some that are given. */
export interface PartsOptions {
  /** The kernel that the guest is for: its modules go in. */
  readonly kernel: Kernel;
  /** A static busybox. @default the one of this machine, else Debian's, which is downloaded */
  readonly busybox?: string;
  /** What compiles or bundles the guest. */
  readonly deno?: DenoPlaces;
  /** Hears of each step, in words. */
  readonly onProgress?: (step: string) => void;
}

/** The parts of a guest. */
export interface GuestParts {
  /** A Deno that runs in it. */
  readonly deno: string;
  /** A static busybox that runs in it. */
  readonly busybox: string;
  /** One with the same commands, which can be asked for them here. */
  readonly askedBusybox: string;
  /** A folder with the libraries of its Deno; undefined if those of this machine do. */
  readonly libraries?: string;
  /** The kind of guest that is made without asking the network. */
  readonly kind: GuestKind;
  /** Makes its program. What is compiled is written to `folder`. */
  makeProgram(folder: string): Promise<GuestProgram>;
}

/** Gathers them. @throws {Error} if something cannot be had. */
export async function gatherParts(
  { kernel: { arch }, deno: places, busybox: given, onProgress }: PartsOptions,
): Promise<GuestParts> {
  if (isNative(arch)) {
    const busybox = given ?? await ensureBusybox(onProgress);
    return {
      deno: places?.deno ?? Deno.execPath(),
      busybox,
      askedBusybox: busybox,
      kind: await guestKind(places),
      makeProgram: (folder) => makeGuest(folder, places),
    };
  }
  const { deno, busybox, libraries } = await ensureForeignParts(arch, onProgress);
  return {
    deno,
    busybox: given ?? busybox,
    askedBusybox: await ensureBusybox(onProgress),
    libraries,
    kind: "bundled",
    makeProgram: async () => ({
      kind: "bundled",
      program: deno,
      script: await bundleGuest(places?.deno ?? Deno.execPath()),
      reason: `npm has no denort of ${arch}`,
    }),
  };
}
