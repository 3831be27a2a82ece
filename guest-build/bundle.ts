// Bundles modules of ours into one script, with esbuild from npm, as configured for npm.

import { denoError } from "../src/host/deno_error.ts";
import { scratchFolder } from "../src/host/scratch_folder.ts";
import { lockOption } from "./lock_part.ts";
import { runDeno } from "./run_deno.ts";
import { BUNDLER_MAIN, ROOT } from "./sources.ts";

/** What to bundle. */
export interface BundleJob {
  /** URL of one of our modules, or path of a module that imports them by URL. */
  readonly entry: string;
  readonly minify: boolean;
  /** Whether classes and functions keep their names, as users see them, where it is minified. */
  readonly hasNames?: boolean;
  /** A folder whose `node_modules` has the packages that are imported; without, there may be none. */
  readonly packages?: string;
}

/** A script made of them. @throws {Error} if it cannot be made. */
export async function bundle(deno: string, job: BundleJob): Promise<string> {
  await using folder = await scratchFolder();
  const lock = await lockOption(folder.path, ["esbuild"]);
  const flags = ["-A", "--quiet", "--no-check", "--no-config", "--node-modules-dir=none", lock];
  const run = await runDeno(deno, ["run", ...flags, BUNDLER_MAIN.href, JSON.stringify(job)]);
  if (run.success) return run.stdout;
  throw new Error(denoError(run.stderr));
}

/** What {@linkcode installPackages} puts where. */
export interface Installation {
  readonly folder: string;
  /** Path of a module in it. */
  readonly entry: string;
  /** Names of the packages that this and what it imports import. */
  readonly packages: readonly string[];
}

/**
 * Installs the packages that a module in `folder` imports, directly or not, into `node_modules`
 * there; with the versions of the lock, if there is one.
 *
 * @throws {Error} if they cannot be fetched.
 */
export async function installPackages(
  deno: string,
  { folder, entry, packages }: Installation,
): Promise<void> {
  const config = `${folder}/deno.json`;
  await Deno.writeTextFile(config, JSON.stringify({ nodeModulesDir: "auto" }));
  const flags = [await lockOption(folder, packages), "--config", config];
  const allow = ROOT.protocol === "file:" ? [] : [`--allow-import=${ROOT.host}`];
  const args = ["install", "--quiet", ...flags, ...allow, "--entrypoint", entry];
  const run = await runDeno(deno, args, { cwd: folder });
  if (!run.success) throw new Error(denoError(run.stderr));
}
