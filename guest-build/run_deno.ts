// Runs Deno as a tool, to bundle and compile.

import { denoError } from "../src/host/deno_error.ts";
import { killWithUs } from "../src/host/watchdog.ts";
import { canFetchDenort, type DenoPlaces, findDenort } from "./denort.ts";

/** What {@linkcode tryCompile} compiles. */
export interface Compilation {
  /** Path or URL of the main module. */
  readonly entry: string;
  /** Path of the executable to write. */
  readonly output: string;
  /** Additional options of `deno compile`. */
  readonly flags?: readonly string[];
  /** The name in errors, such as "the guest". */
  readonly what: string;
}

/** The working directory of {@linkcode runDeno}, and variables to add to our environment. */
export interface DenoRun {
  /** @default ours */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs Deno with these arguments; it is killed if this process ends first. */
export async function runDeno(
  deno: string,
  args: readonly string[],
  { env, ...place }: DenoRun = {},
): Promise<{ readonly success: boolean; readonly stdout: string; readonly stderr: string }> {
  const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(deno, {
    args: [...args],
    ...place,
    env: { ...env, NO_COLOR: "1" },
    ...options,
  }).spawn();
  using _cleanup = killWithUs({ process: child.pid });
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Compiles with `deno compile`, if its runtime is available. Returns undefined on success, else the
 * reason, as a clause.
 *
 * @throws {Error} if there is a denort, but compiling with it fails.
 */
export async function tryCompile(
  { entry, output, flags = [], what }: Compilation,
  places: DenoPlaces = {},
): Promise<string | undefined> {
  const denort = await findDenort(places);
  if (denort === undefined && !await canFetchDenort(places)) {
    return "there is no denort here, and Deno's releases cannot be reached";
  }
  // The code cache would have a predictable name in the temporary folder, where other users could
  // plant one.
  const own = ["-A", "--quiet", "--no-check", "--no-config", "--no-lock", "--no-code-cache"];
  const args = ["compile", ...own, ...flags, "--output", output, entry];
  const env = {
    ...(places.denort !== undefined && { DENORT_BIN: places.denort }),
    ...(places.denoDir !== undefined && { DENO_DIR: places.denoDir }),
  };
  const run = await runDeno(places.deno ?? Deno.execPath(), args, { env });
  if (run.success) return undefined;
  const failure = `deno compile failed: ${denoError(run.stderr)}`;
  if (denort === undefined) return failure;
  throw new Error(`cannot compile ${what} with ${denort}: ${failure}`);
}
