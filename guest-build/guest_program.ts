// The guest's own program: src/guest compiled into one executable where that can be had, else Deno with
// src/guest bundled into one file. The same sources, and the same behaviour. A compiled execvm has both
// in it, and is its own guest.

import { fileURLToPath } from "node:url";
import { denoError } from "../src/host/deno_error.ts";
import { embedded } from "../src/self/embedded.ts";
import { type DenoPlaces, findDenort } from "./denort.ts";
import { runDeno, tryCompile } from "./run_deno.ts";
import { GUEST_MAIN } from "./sources.ts";
import { V8_FLAGS } from "./v8_flags.ts";

/** How a guest is started: by one executable, or by Deno with a script. */
export interface GuestProgram {
  readonly kind: GuestKind;
  /** Path of the executable, or of Deno. */
  readonly program: string;
  /** The script for Deno. */
  readonly script?: string;
  /** Why it is not compiled. */
  readonly reason?: string;
}

/** The two ways to make a guest. */
export type GuestKind = "compiled" | "bundled";

/** The kind of guest that this machine would make without asking the network. */
export async function guestKind(places: DenoPlaces = {}): Promise<GuestKind> {
  if (Deno.build.standalone) return "compiled";
  return await findDenort(places) === undefined ? "bundled" : "compiled";
}

/**
 * Makes the guest's program. What is compiled is written to `folder`.
 *
 * @throws {Error} if it cannot be bundled, or not compiled with the denort that is here.
 */
export async function makeGuest(folder: string, places: DenoPlaces = {}): Promise<GuestProgram> {
  if (Deno.build.standalone) return { kind: "compiled", program: Deno.execPath() };
  const deno = places.deno ?? Deno.execPath();
  const output = `${folder}/guest`;
  const entry = await entryIn(folder, deno);
  const flags = [`--v8-flags=${V8_FLAGS.join(",")}`];
  const reason = await tryCompile({ entry, output, flags, what: "the guest" }, places);
  if (reason === undefined) return { kind: "compiled", program: output };
  return { kind: "bundled", program: deno, script: await bundleGuest(deno), reason };
}

/** The guest as one script for Deno. @throws {Error} if it cannot be bundled. */
export async function bundleGuest(deno: string): Promise<string> {
  const carried = embedded()?.guest;
  if (carried !== undefined) return carried;
  const flags = ["--quiet", "--no-config", "--platform", "deno", "--minify"];
  const source = isLocal() ? [fileURLToPath(GUEST_MAIN)] : [
    `--allow-import=${GUEST_MAIN.host}`, // whoever may import execvm from there may do so
    GUEST_MAIN.href,
  ];
  const { success, stdout, stderr } = await runDeno(deno, ["bundle", ...flags, ...source]);
  if (success) return stdout;
  throw new Error(`Cannot bundle the guest as deno bundle failed: ${denoError(stderr)}`);
}

/** What is compiled: the sources, or what is bundled of others, which is put into `folder`. */
async function entryIn(folder: string, deno: string): Promise<string> {
  if (embedded() === undefined && isLocal()) return fileURLToPath(GUEST_MAIN);
  const path = `${folder}/guest.js`;
  await Deno.writeTextFile(path, await bundleGuest(deno));
  return path;
}

function isLocal(): boolean {
  return GUEST_MAIN.protocol === "file:";
}
