// Makes the guest's program: src/guest bundled into one file, and compiled into an executable if
// possible, else run by Deno. Both behave the same. A compiled execvm contains the guest, and is
// used as its executable.

import { messageOf } from "../src/model/errors.ts";
import { embedded } from "../src/self/embedded.ts";
import { ownForm } from "../src/self/own_form.ts";
import { bundle } from "./bundle.ts";
import { type DenoPlaces, findDenort } from "./denort.ts";
import { tryCompile } from "./run_deno.ts";
import { GUEST_MAIN } from "./sources.ts";
import { V8_FLAGS } from "./v8_flags.ts";

/** How a guest is started: by one executable, or by Deno with a script. */
export interface GuestProgram {
  readonly kind: GuestKind;
  /** Path of the executable, or of Deno. */
  readonly program: string;
  /** The script for Deno. */
  readonly script?: string;
  /** Why it is not compiled, as a clause. */
  readonly reason?: string;
}

/** The two kinds of a guest's program. */
export type GuestKind = "compiled" | "bundled";

/** The kind of guest that this host can make without the network. */
export async function guestKind(places: DenoPlaces = {}): Promise<GuestKind> {
  if (ownForm() === "binary") return "compiled";
  return await findDenort(places) === undefined ? "bundled" : "compiled";
}

/**
 * Makes the guest's program. An executable is written to `folder`.
 *
 * @throws {Error} if it cannot be bundled, or cannot be compiled although there is a denort.
 */
export async function makeGuest(folder: string, places: DenoPlaces = {}): Promise<GuestProgram> {
  if (ownForm() === "binary") return { kind: "compiled", program: Deno.execPath() };
  const deno = places.deno ?? Deno.execPath();
  const output = `${folder}/guest`;
  const script = await bundleGuest(deno);
  const entry = `${folder}/guest.js`;
  await Deno.writeTextFile(entry, script);
  const flags = [`--v8-flags=${V8_FLAGS.join(",")}`];
  const reason = await tryCompile({ entry, output, flags, what: "the guest" }, places);
  if (reason === undefined) return { kind: "compiled", program: output };
  return { kind: "bundled", program: deno, script, reason };
}

/** Bundles the guest into one script for Deno; returns its text. @throws {Error} if that fails. */
export async function bundleGuest(deno: string): Promise<string> {
  const carried = embedded()?.guest;
  if (carried !== undefined) return carried;
  if (Deno.build.standalone) {
    throw new Error(
      "cannot make a guest: the sources of execvm were compiled into another program, and cannot " +
        "be read there: import the mod.js that `deno task bundle` makes, or give an initrd",
    );
  }
  return await bundle(deno, { entry: GUEST_MAIN.href, minify: true }).catch((error) => {
    throw new Error(`cannot bundle the guest: ${messageOf(error)}`, { cause: error });
  });
}
