// Deno as a tool: it bundles and compiles.

import { denoError } from "../src/host/deno_error.ts";
import { killWithUs } from "../src/host/watchdog.ts";
import { canFetchDenort, type DenoPlaces, findDenort } from "./denort.ts";

/** What {@linkcode tryCompile} compiles. */
export interface Compilation {
  /** Path or URL of the main module. */
  readonly entry: string;
  /** Where the executable goes. */
  readonly output: string;
  /** More options of `deno compile`. */
  readonly flags?: readonly string[];
  /** Named in errors: "the guest". */
  readonly what: string;
}

/** Where {@linkcode runDeno} runs it, and what it finds in its environment beside ours. */
export interface DenoRun {
  /** @default ours */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs Deno with these arguments. It ends when we do. */
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
 * Compiles with `deno compile` where its runtime can be had. Why it cannot be, if so.
 *
 * @throws {Error} if the denort that is here does not work.
 */
export async function tryCompile(
  { entry, output, flags = [], what }: Compilation,
  places: DenoPlaces = {},
): Promise<string | undefined> {
  const denort = await findDenort(places);
  if (denort === undefined && !await canFetchDenort(places)) {
    return "there is no denort here, and Deno's releases cannot be reached";
  }
  // Its code cache would be a file of a known name in the folder for temporary files, where others can put one.
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
  throw new Error(`Cannot compile ${what} with ${denort} as ${failure}`);
}
