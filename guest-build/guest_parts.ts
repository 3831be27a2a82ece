// Gathers the parts of a guest, except its kernel's modules: from this host, or fetched for another
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
import { hostDeno } from "./host_deno.ts";

/** Options of {@linkcode gatherParts}. */
export interface PartsOptions {
  /** The kernel to make the guest for; the initrd gets its modules. */
  readonly kernel: Kernel;
  /** Path of a static busybox. @default the one of this host, else Debian's, which is downloaded */
  readonly busybox?: string;
  /** The Deno that compiles or bundles the guest. */
  readonly deno?: DenoPlaces;
  /** Called with a description of each step. */
  readonly onProgress?: (step: string) => void;
}

/** The parts of a guest. */
export interface GuestParts {
  /** Path of a Deno that runs in the guest. */
  readonly deno: string;
  /** Path of a static busybox that runs in the guest. */
  readonly busybox: string;
  /** Path of a busybox with the same commands that runs on this host, to list them. */
  readonly askedBusybox: string;
  /** A folder with the libraries of its Deno; undefined if the host's are used. */
  readonly libraries?: string;
  /** The kind of guest that can be made without the network. */
  readonly kind: GuestKind;
  /** Makes the guest's program; an executable is written to `folder`. */
  makeProgram(folder: string): Promise<GuestProgram>;
}

/** Gathers the parts of a guest. @throws {Error} if one is missing and cannot be fetched. */
export async function gatherParts(
  { kernel: { arch }, deno: places, busybox: given, onProgress }: PartsOptions,
): Promise<GuestParts> {
  if (isNative(arch)) {
    const busybox = given ?? await ensureBusybox(onProgress);
    const deno = places?.deno ?? await hostDeno(onProgress);
    return {
      deno,
      busybox,
      askedBusybox: busybox,
      kind: await guestKind(places),
      makeProgram: (folder) => makeGuest(folder, { ...places, deno }),
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
      reason: `npm has no denort for ${arch}`,
    }),
  };
}
