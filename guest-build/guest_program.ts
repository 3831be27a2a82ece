// The guest's own program: src/guest compiled into one executable where that can be had, else Deno with
// src/guest bundled into one file. The same sources, and the same behaviour.

import { fileURLToPath } from "node:url";
import { denoError } from "../src/deno_error.ts";
import { doom } from "../src/watchdog.ts";
import { canFetchDenort, type DenoPlaces, findDenort } from "./denort.ts";
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
  return await findDenort(places) === undefined ? "bundled" : "compiled";
}

/**
 * Makes the guest's program. What is compiled is written to `folder`.
 *
 * @throws {Error} if it cannot be bundled, or not compiled with the denort that is here.
 */
export async function makeGuest(folder: string, places: DenoPlaces = {}): Promise<GuestProgram> {
  const deno = places.deno ?? Deno.execPath();
  const denort = await findDenort(places);
  if (denort === undefined && !await canFetchDenort(places)) {
    const reason = "there is no denort here, and Deno's releases cannot be reached";
    return await bundleGuest(deno, reason, places);
  }
  const program = `${folder}/guest`;
  const failure = await compile(deno, program, places);
  if (failure === undefined) return { kind: "compiled", program };
  if (denort !== undefined) {
    throw new Error(`Cannot compile the guest with ${denort} as deno compile failed: ${failure}`);
  }
  return await bundleGuest(deno, `deno compile failed: ${failure}`, places);
}

/**
 * A guest that is a script for `program`, which may be a Deno that cannot run here.
 *
 * @param reason why it is not compiled
 * @throws {Error} if it cannot be bundled.
 */
export async function bundleGuest(
  program: string,
  reason: string,
  places: DenoPlaces = {},
): Promise<GuestProgram> {
  const script = await bundle(places.deno ?? Deno.execPath());
  return { kind: "bundled", program, script, reason };
}

/** Compiles the guest to `output`; why that failed, if it did. */
async function compile(deno: string, output: string, { denort, denoDir }: DenoPlaces) {
  const v8 = `--v8-flags=${V8_FLAGS.join(",")}`;
  const flags = ["-A", "--quiet", "--no-check", "--no-config", "--no-lock", v8];
  const run = await runDeno(deno, ["compile", ...flags, "--output", output, entry()], {
    ...(denort !== undefined && { DENORT_BIN: denort }),
    ...(denoDir !== undefined && { DENO_DIR: denoDir }),
  });
  return run.success ? undefined : denoError(run.stderr);
}

async function bundle(deno: string): Promise<string> {
  const flags = ["--quiet", "--no-config", "--platform", "deno", "--minify"];
  const { success, stdout, stderr } = await runDeno(deno, ["bundle", ...flags, entry()]);
  if (success) return stdout;
  throw new Error(`Cannot bundle the guest as deno bundle failed: ${denoError(stderr)}`);
}

async function runDeno(deno: string, args: string[], env: Record<string, string> = {}) {
  const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const command = new Deno.Command(deno, { args, env: { ...env, NO_COLOR: "1" }, ...options });
  const child = command.spawn();
  using _doomed = doom({ process: child.pid });
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function entry(): string {
  if (Deno.build.standalone) {
    throw new Error(
      "Cannot build an initrd with a compiled execvm: name one that execvm from its sources has built",
    );
  }
  return GUEST_MAIN.protocol === "file:" ? fileURLToPath(GUEST_MAIN) : GUEST_MAIN.href;
}
